# How everything is compiled: C++20, warnings are errors, ccache and mold where they are installed.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -fno-omit-frame-pointer")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(taffrail_flags INTERFACE)
target_compile_options(taffrail_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers -Werror)
# x86-64-v2 (SSE4.2, POPCNT) is the floor; wider kernels are chosen at run time by the function that has them.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_options(taffrail_flags INTERFACE -march=x86-64-v2)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(taffrail_flags INTERFACE -Wthread-safety -Wno-gnu-zero-variadic-macro-arguments)
else()
  # g++ 12 reports these inside inlined standard-library code that is correct (GCC bugs 105329, 105562).
  target_compile_options(taffrail_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

set(TAFFRAIL_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")
if(TAFFRAIL_SANITIZE)
  add_compile_options(-fsanitize=${TAFFRAIL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TAFFRAIL_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ gives false alarms under instrumentation; the plain builds keep these warnings.
    add_compile_options(-Wno-tsan -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds
                        -Wno-null-dereference)
  endif()
endif()
option(TAFFRAIL_FUZZ "Build the fuzz targets with libFuzzer (clang only)" OFF)
option(TAFFRAIL_TESTS "Build tests and benchmarks" ON)
