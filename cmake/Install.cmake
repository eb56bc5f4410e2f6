# Where everything goes on Debian, and the Debian package.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
    set(CMAKE_INSTALL_PREFIX /usr CACHE PATH "Where to install" FORCE)
endif()
include(GNUInstallDirs)
set(AWAITD_UNIT_DIR /lib/systemd/system CACHE PATH "Where systemd looks for units")
set(AWAITD_MAINTAINER "the awaitd authors <awaitd@localhost>" CACHE STRING
    "Who answers for the package, as \"NAME <ADDRESS>\"")

# ---- what awaitd itself writes -----------------------------------------------------------------

# Both come from the options table: the man page's options, and a configuration that names every
# setting with its default. `env -i`: what is set here is nobody else's default.
set(made ${CMAKE_BINARY_DIR}/install)
file(MAKE_DIRECTORY ${made})
configure_file(packaging/awaitd.service.in ${made}/awaitd.service @ONLY)

add_custom_command(
    OUTPUT ${made}/awaitd.1.gz
    COMMAND env -i $<TARGET_FILE:awaitd> --help=man > ${made}/options.man
    COMMAND ${CMAKE_COMMAND}
            -DTEMPLATE=${PROJECT_SOURCE_DIR}/docs/awaitd.1.in -DOPTIONS=${made}/options.man
            -DPAGE=${made}/awaitd.1 -DPROJECT_VERSION=${PROJECT_VERSION}
            -DCMAKE_INSTALL_FULL_SYSCONFDIR=${CMAKE_INSTALL_FULL_SYSCONFDIR}
            -P ${PROJECT_SOURCE_DIR}/cmake/ManPage.cmake
    COMMAND gzip -9nk --force ${made}/awaitd.1
    DEPENDS awaitd docs/awaitd.1.in cmake/ManPage.cmake
    VERBATIM)
add_custom_command(
    OUTPUT ${made}/awaitd.json
    COMMAND env -i $<TARGET_FILE:awaitd> --check-config > ${made}/awaitd.json
    DEPENDS awaitd
    VERBATIM)
add_custom_command(
    OUTPUT ${made}/changelog.gz
    COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/CHANGELOG.md > ${made}/changelog.gz
    DEPENDS CHANGELOG.md
    VERBATIM)
add_custom_target(awaitd_install_files ALL
    DEPENDS ${made}/awaitd.1.gz ${made}/awaitd.json ${made}/changelog.gz)

# ---- cmake --install ---------------------------------------------------------------------------

install(TARGETS awaitd RUNTIME)
install(FILES ${made}/awaitd.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/awaitd.json DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/awaitd)
install(FILES ${made}/awaitd.service packaging/awaitd.socket DESTINATION ${AWAITD_UNIT_DIR})
install(FILES ${made}/changelog.gz packaging/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

# ---- cpack: a .deb -----------------------------------------------------------------------------

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the awaitd authors")
set(CPACK_PACKAGE_CONTACT "${AWAITD_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
"awaitd says Hello, awaits a sleep, and says World: once, in parallel or in
sequence, as HTTP endpoints with measured times.
.
It is a lesson in async/await, a model of an asynchronous service in C, and an
upstream of known latency for tests of HTTP clients, proxies and balancers.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION httpd)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(script conffiles postinst prerm postrm)
    list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/debian/${script})
endforeach()
include(CPack)
