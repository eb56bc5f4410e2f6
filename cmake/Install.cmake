# Where everything goes on Debian, and the Debian package.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
    set(CMAKE_INSTALL_PREFIX /usr CACHE PATH "Where to install" FORCE)
endif()
include(GNUInstallDirs)
set(AWAITD_MAINTAINER "the awaitd authors <awaitd@example.org>" CACHE STRING
    "Who answers for the package, as \"NAME <ADDRESS>\"")

# ---- what awaitd itself writes -----------------------------------------------------------------

# Both come from the options table: the man page's options, and a configuration that names every
# setting with its default. `env -i`: what is set here is nobody else's default.
set(made ${CMAKE_BINARY_DIR}/install)
file(MAKE_DIRECTORY ${made})

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
    COMMAND env -i $<TARGET_FILE:awaitd> --live off --check-config > ${made}/awaitd.json
    DEPENDS awaitd
    VERBATIM)
# Each under the name that its shell looks for.
set(completion_bash ${made}/completion/awaitd)
set(completion_zsh ${made}/completion/_awaitd)
set(completion_fish ${made}/completion/awaitd.fish)
file(MAKE_DIRECTORY ${made}/completion)
foreach(shell bash zsh fish)
    add_custom_command(
        OUTPUT ${completion_${shell}}
        COMMAND env -i $<TARGET_FILE:awaitd> --completion ${shell} > ${completion_${shell}}
        DEPENDS awaitd
        VERBATIM)
endforeach()
foreach(text changelog=packaging/debian/changelog NEWS=CHANGELOG.md)
    string(REGEX MATCH "^([A-Za-z]+)=(.*)$" found ${text})
    add_custom_command(
        OUTPUT ${made}/${CMAKE_MATCH_1}.gz
        COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/${CMAKE_MATCH_2} > ${made}/${CMAKE_MATCH_1}.gz
        DEPENDS ${CMAKE_MATCH_2}
        VERBATIM)
endforeach()
add_custom_target(awaitd_install_files ALL
    DEPENDS ${made}/awaitd.1.gz ${made}/awaitd.json ${made}/changelog.gz ${made}/NEWS.gz
            ${completion_bash} ${completion_zsh} ${completion_fish})

# ---- cmake --install ---------------------------------------------------------------------------

install(TARGETS awaitd RUNTIME)
install(FILES ${made}/awaitd.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${completion_bash} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completion_zsh} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${completion_fish} DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${made}/changelog.gz ${made}/NEWS.gz packaging/debian/copyright
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
# The prefix is known only now: `cmake --install --prefix` may name another than was configured.
install(CODE "set(made \"${made}\")\nset(packaging \"${PROJECT_SOURCE_DIR}/packaging\")")
install(SCRIPT cmake/InstallService.cmake)

# ---- cpack: a .deb, and a .tar.gz to unpack in / ------------------------------------------------


set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/Pack.cmake)
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
