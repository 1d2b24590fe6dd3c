# cmake -DSOURCE=DIR -DTARGET=FILE -P version.cmake: agent/VERSION and git's commit into a header.
file(STRINGS ${SOURCE}/agent/VERSION HP_VERSION LIMIT_COUNT 1)
set(HP_COMMIT "")
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse --short=12 HEAD OUTPUT_VARIABLE HP_COMMIT
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed)
    set(HP_COMMIT "")
  endif()
endif()
configure_file(${SOURCE}/agent/cli/version.h.in ${TARGET} @ONLY)
