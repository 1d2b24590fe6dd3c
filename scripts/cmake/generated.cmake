# What the build writes: the table of checks (from the files in checks/), the built-in policy as text, the version.
set(HP_GENERATED_DIR ${CMAKE_BINARY_DIR}/generated)
set(HP_GENERATED_SOURCES ${HP_GENERATED_DIR}/checks_table.c)

file(GLOB HP_CHECK_FILES CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/checks ${CMAKE_SOURCE_DIR}/checks/*.c)
list(TRANSFORM HP_CHECK_FILES REPLACE "\\.c$" "")
list(SORT HP_CHECK_FILES) # by id: findings are ordered so
set(table "/* Generated from the files in checks/. */\n#include \"${CMAKE_SOURCE_DIR}/checks/check.h\"\n\n")
set(rows "")
foreach(id ${HP_CHECK_FILES})
  string(REPLACE "-" "_" symbol ${id})
  string(APPEND table "extern const struct hp_check hp_check_${symbol};\n")
  string(APPEND rows "    &hp_check_${symbol},\n")
endforeach()
string(APPEND table "\nconst struct hp_check *const hp_checks[] = {\n${rows}    NULL};\n")
file(CONFIGURE OUTPUT ${HP_GENERATED_DIR}/checks_table.c CONTENT "${table}" @ONLY)

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS agent/engine/builtin_policy.yaml agent/VERSION)
file(READ agent/engine/builtin_policy.yaml policy)
string(REPLACE "\\" "\\\\" policy "${policy}")
string(REPLACE "\"" "\\\"" policy "${policy}")
string(REPLACE "\n" "\\n\"\n    \"" policy "${policy}")
file(CONFIGURE OUTPUT ${HP_GENERATED_DIR}/builtin_policy.h CONTENT
  "/* Generated from agent/engine/builtin_policy.yaml. */\nstatic const char hp_builtin_policy[] =\n    \"${policy}\";\n" @ONLY)

# The commit changes without a new configure, so it is looked up in each build; git may be absent.
add_custom_target(hp_version
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DTARGET=${HP_GENERATED_DIR}/version.h
          -P ${CMAKE_SOURCE_DIR}/scripts/cmake/version.cmake
  BYPRODUCTS ${HP_GENERATED_DIR}/version.h VERBATIM)
