# Builds of everything take half the time when a compiler reads several sources as one.
#
# With TAFFRAIL_HEAPS, as in the presets `release`, `asan` and `tsan`, each target's sources are compiled in
# heaps, as tools/heaps.py sorts them. An edit then takes longer: `debug` compiles each source alone. Sources
# are sorted when CMake runs: run it again when two that share a heap have come to define the same name (./run
# and ./test always do).
option(TAFFRAIL_HEAPS "Compile several sources in one, for builds of everything" OFF)
find_package(Python3 QUIET COMPONENTS Interpreter)
if(TAFFRAIL_HEAPS AND NOT Python3_FOUND)
  message(STATUS "python3 is missing (./run installs it): each source is compiled alone")
endif()

function(taffrail_heaps target)
  get_target_property(sources ${target} SOURCES)
  get_target_property(directory ${target} SOURCE_DIR)
  list(TRANSFORM sources REPLACE "^${directory}/" "")
  list(FILTER sources INCLUDE REGEX "^[^/$<].*\\.cc$")  # of its own
  list(LENGTH sources count)
  if(count LESS 2)
    return()
  endif()
  execute_process(COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tools/heaps.py" ${sources}
                  OUTPUT_VARIABLE lines WORKING_DIRECTORY "${directory}" COMMAND_ERROR_IS_FATAL ANY)
  # Of a name that two sources have, and of a class in a file that is included: plain builds and lint look.
  target_compile_options(${target} PRIVATE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  string(REGEX MATCHALL "[^\n]+" lines "${lines}")
  foreach(line IN LISTS lines)
    separate_arguments(words UNIX_COMMAND "${line}")
    list(GET words 0 heap)
    list(GET words 1 source)
    set_source_files_properties("${directory}/${source}" TARGET_DIRECTORY ${target}
                                PROPERTIES UNITY_GROUP "heap${heap}")
  endforeach()
endfunction()

# taffrail_build_quickly(<directory>)
# Every target of ours in it and below: in heaps, and with precompiled headers but for those that have the
# property TAFFRAIL_AS_IT_IS.
function(taffrail_build_quickly directory)
  get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(libraries ${target} LINK_LIBRARIES)
    if(NOT type MATCHES "STATIC_LIBRARY|EXECUTABLE" OR NOT libraries MATCHES "taffrail_flags")
      continue()
    endif()
    if(TAFFRAIL_HEAPS AND Python3_FOUND)
      taffrail_heaps(${target})
    endif()
    get_target_property(as_it_is ${target} TAFFRAIL_AS_IT_IS)
    if(as_it_is)
      continue()
    endif()
    if(libraries MATCHES "GTest::gmock")
      taffrail_precompile(${target} TEST)
    elseif(type STREQUAL "STATIC_LIBRARY" AND libraries MATCHES "fmt::fmt")
      taffrail_precompile(${target})
    endif()
  endforeach()
  get_property(children DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(child IN LISTS children)
    taffrail_build_quickly("${child}")
  endforeach()
endfunction()
