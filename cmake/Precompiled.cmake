# taffrail_precompile(<target> [TEST])
#
# Half of what a compiler does here is reading the standard library, Abseil, {fmt} and GoogleTest anew
# for each source. The sanitizers' builds read them once. The release build never does: there a source
# must include what it uses, and ccache must be able to share its objects between checkouts, which it
# cannot with precompiled headers.
#
# There are two: programs are compiled with -fPIE where libraries have -fPIC, and g++ takes no header
# made for the other. Nor one made with other flags: without -pthread, which some libraries bring and
# others do not, so all have it; and tests, whose own code is short of work to do, are not optimised under
# the sanitizers, which takes half the time to compile.
set(precompiled_headers
  <algorithm> <array> <atomic> <chrono> <cstdint> <cstdlib> <cstring> <deque> <functional> <map> <memory>
  <mutex> <optional> <random> <set> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant>
  <vector> <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h> <absl/status/statusor.h>
  <absl/strings/str_cat.h> <absl/synchronization/mutex.h> <absl/time/time.h> <fmt/format.h>)

function(taffrail_precompiled_flags target)
  # A target that differs in a macro reads the headers as they are, as long as before.
  target_compile_options(${target} PRIVATE -pthread -Wno-error=invalid-pch)
  if(ARGN STREQUAL "TEST")
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

function(taffrail_precompile target)
  if(NOT TAFFRAIL_SANITIZE OR TAFFRAIL_FUZZ)
    return()
  endif()
  set(host taffrail_precompiled)
  if(ARGN STREQUAL "TEST")
    set(host taffrail_precompiled_test)
  endif()
  if(NOT TARGET ${host})
    file(WRITE "${CMAKE_BINARY_DIR}/${host}.cc" "// Carries the precompiled header.\n")
    if(ARGN STREQUAL "TEST")
      add_executable(${host} EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/${host}.cc")
      target_link_libraries(${host} PRIVATE GTest::gmock GTest::gtest_main)
      target_precompile_headers(${host} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
    else()
      add_library(${host} STATIC EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/${host}.cc")
    endif()
    target_link_libraries(${host} PRIVATE absl::flat_hash_map absl::statusor absl::synchronization fmt::fmt
                                          Threads::Threads taffrail_flags)
    taffrail_precompiled_flags(${host} ${ARGN})
    target_precompile_headers(${host} PRIVATE ${precompiled_headers})
  endif()
  taffrail_precompiled_flags(${target} ${ARGN})
  target_precompile_headers(${target} REUSE_FROM ${host})
endfunction()
