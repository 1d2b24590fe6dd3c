# Warnings are errors, in every build of our own code.
add_library(hp_warnings INTERFACE)
target_compile_options(hp_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
  -Wvla -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Wcast-qual -Wdouble-promotion -Wnull-dereference
  -fno-common -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
target_compile_definitions(hp_warnings INTERFACE _XOPEN_SOURCE=700)
if(HP_SANITIZE)
  target_compile_options(hp_warnings INTERFACE -fsanitize=${HP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(hp_warnings INTERFACE -fsanitize=${HP_SANITIZE})
endif()
if(HP_COVERAGE)
  target_compile_options(hp_warnings INTERFACE --coverage)
  target_link_options(hp_warnings INTERFACE --coverage)
endif()
