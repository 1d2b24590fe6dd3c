# The static third-party libraries as imported targets: include this file after
# project(), in a tree configured with musl.cmake.
#
#   deps::z deps::yaml deps::jansson deps::ssl deps::crypto deps::curl
#
# HOSTPREP_DEPS names a finished prefix; if it is empty, scripts/deps/build is
# asked for one at every configure (at once, unless there is something to build).

if(HOSTPREP_DEPS)
  set(hostprep_deps_prefix "${HOSTPREP_DEPS}")
else()
  execute_process(
    COMMAND "${CMAKE_CURRENT_LIST_DIR}/build"
    OUTPUT_VARIABLE hostprep_deps_prefix
    OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE hostprep_deps_status)
  if(NOT hostprep_deps_status EQUAL 0)
    message(FATAL_ERROR "scripts/deps/build failed")
  endif()
endif()

# A new lock or recipe means a new prefix: configure again.
file(GLOB_RECURSE hostprep_deps_recipe "${CMAKE_CURRENT_LIST_DIR}/*")
set_property(DIRECTORY APPEND PROPERTY
  CMAKE_CONFIGURE_DEPENDS ${hostprep_deps_recipe})

foreach(lib z yaml jansson ssl crypto curl)
  add_library(deps::${lib} STATIC IMPORTED)
  set_target_properties(deps::${lib} PROPERTIES
    IMPORTED_LOCATION "${hostprep_deps_prefix}/lib/lib${lib}.a"
    INTERFACE_INCLUDE_DIRECTORIES "${hostprep_deps_prefix}/include")
endforeach()
set_property(TARGET deps::yaml PROPERTY
  INTERFACE_COMPILE_DEFINITIONS YAML_DECLARE_STATIC)
set_property(TARGET deps::ssl PROPERTY INTERFACE_LINK_LIBRARIES deps::crypto)
set_target_properties(deps::curl PROPERTIES
  INTERFACE_COMPILE_DEFINITIONS CURL_STATICLIB
  INTERFACE_LINK_LIBRARIES "deps::ssl;deps::crypto;deps::z")
