# Toolchain file: static programs for the ESX host, with Debian's musl-gcc.
# Use it with -DCMAKE_TOOLCHAIN_FILE=scripts/deps/musl.cmake.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER musl-gcc)

# A static library is enough to try the compiler.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# No find_* command can pick up a library or header of the build machine.
set(CMAKE_FIND_ROOT_PATH "/nonexistent")
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)

# Plain -static: with musl-gcc, -static-pie silently gives a dynamic program.
# The build id would tell two otherwise equal builds apart.
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-static -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noexecstack")
