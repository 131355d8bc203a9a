# cmake --install: the logging library with its headers, for find_package(taffrail) and pkg-config, and the
# binary.
#
#   find_package(taffrail REQUIRED)
#   target_link_libraries(app PRIVATE taffrail::log)   # or taffrail::ship, ::events, ::middleware, ::config
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# What an application may link, lowest first; each brings what it needs.
set(installed base record context redact layout sink log propagate events middleware wire_loki net ship
    config)
foreach(name IN LISTS installed)
  set_target_properties(taffrail_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS taffrail_${name} EXPORT taffrail COMPONENT library
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
install(DIRECTORY "${CMAKE_SOURCE_DIR}/include/taffrail" COMPONENT library
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/taffrail)
install(EXPORT taffrail NAMESPACE taffrail:: DESTINATION ${package_dir} COMPONENT library)
configure_package_config_file("${CMAKE_SOURCE_DIR}/cmake/taffrailConfig.cmake.in"
                              "${CMAKE_BINARY_DIR}/taffrailConfig.cmake" INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${CMAKE_BINARY_DIR}/taffrailConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/taffrailConfig.cmake" "${CMAKE_BINARY_DIR}/taffrailConfigVersion.cmake"
        DESTINATION ${package_dir} COMPONENT library)

configure_file("${CMAKE_SOURCE_DIR}/cmake/taffrail.pc.in" "${CMAKE_BINARY_DIR}/taffrail.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/taffrail.pc" COMPONENT library
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET taffrail)
  install(TARGETS taffrail COMPONENT program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
