# taffrail_folder(<folder> [DEPS <folder>...] [LIBS <target>...])
#
# One folder = one CMake target = one namespace. Sources are found by their names:
#   x.cc        the library            taffrail_<folder with / as _>
#   x_test.cc   its unit tests         <folder>_test    (one program a folder: one link)
#   x_fuzz.cc   one target a file      <folder>_x_fuzz  (libFuzzer's under TAFFRAIL_FUZZ; in every other build
#                                                        tests/fuzz_main.cc feeds it files and random bytes)
#   x_bench.cc  its microbenchmarks    <folder>_bench
# DEPS names the folders that docs/ARCHITECTURE.md lets it use; tools/tidy checks both against its table.
add_custom_target(unit_tests)    # all of them, for builds that want nothing else: the sanitizers'
add_custom_target(fuzz_targets)
add_custom_target(generated)     # sources that a build makes, which lint must find in place

# taffrail_fuzzer(<target> <source>)
# One of the registry of fuzz targets: tests/CMakeLists.txt runs each for a while.
function(taffrail_fuzzer target source)
  add_executable(${target} ${source})
  target_link_libraries(${target} PRIVATE taffrail_flags)
  if(TAFFRAIL_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    if(NOT TARGET taffrail_fuzz_main)
      add_library(taffrail_fuzz_main STATIC EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/tests/fuzz_main.cc")
      target_compile_definitions(taffrail_fuzz_main PRIVATE TAFFRAIL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
      target_link_libraries(taffrail_fuzz_main PRIVATE taffrail_flags)
    endif()
    target_link_libraries(${target} PRIVATE taffrail_fuzz_main)
  endif()
  set_property(GLOBAL APPEND PROPERTY TAFFRAIL_FUZZERS ${target})
  add_dependencies(fuzz_targets ${target})
endfunction()

# Every test program goes through this: ThreadSanitizer must see what Abseil's locks order.
function(taffrail_show_locks target)
  if(TAFFRAIL_SANITIZE MATCHES "thread")
    target_sources(${target} PRIVATE "${CMAKE_SOURCE_DIR}/tests/tsan_abseil.cc")
  endif()
endfunction()

function(taffrail_folder folder)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS;TEST_DEPS" ${ARGN})
  string(REPLACE "/" "_" name "${folder}")
  set(target taffrail_${name})

  file(GLOB sources CONFIGURE_DEPENDS *.cc *.proto)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  set(benches ${sources})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cc$|/main\\.cc$|\\.proto$")

  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope}
    "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>" "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>"
    "$<INSTALL_INTERFACE:include>")
  list(TRANSFORM ARG_DEPS REPLACE "/" "_" OUTPUT_VARIABLE deps)
  list(TRANSFORM deps PREPEND taffrail_)
  target_link_libraries(${target} ${scope} ${deps} ${ARG_LIBS} fmt::fmt Threads::Threads)
  if(sources)
    target_link_libraries(${target} PRIVATE "$<BUILD_INTERFACE:taffrail_flags>")
  endif()
  set_property(GLOBAL APPEND PROPERTY TAFFRAIL_FOLDERS ${target})

  if(TAFFRAIL_TESTS AND tests)
    add_executable(${name}_test ${tests})
    list(TRANSFORM ARG_TEST_DEPS REPLACE "/" "_" OUTPUT_VARIABLE test_deps)
    list(TRANSFORM test_deps PREPEND taffrail_)
    target_link_libraries(${name}_test PRIVATE ${target} ${test_deps} taffrail_flags
                                               GTest::gmock GTest::gtest_main)
    taffrail_show_locks(${name}_test)
    target_compile_definitions(${name}_test PRIVATE TAFFRAIL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name}_test COMMAND ${name}_test)
    set_tests_properties(${name}_test PROPERTIES LABELS unit)
    add_dependencies(unit_tests ${name}_test)
  endif()
  if(TAFFRAIL_TESTS AND benches)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE ${target} taffrail_flags benchmark::benchmark_main)
  endif()
  if(NOT TAFFRAIL_TESTS AND NOT TAFFRAIL_FUZZ)
    set(fuzzers "")
  endif()
  foreach(file IN LISTS fuzzers)
    get_filename_component(stem "${file}" NAME_WE)
    taffrail_fuzzer(${name}_${stem} ${file})
    target_link_libraries(${name}_${stem} PRIVATE ${target})
  endforeach()
endfunction()
