# What systemd and awaitd look for in places of their own. Under /usr the configuration is in /etc, as on
# Debian; under any other prefix nothing is outside of it. The unit names both. Run by
# `cmake --install`, with `made` and `packaging` set.
set(bindir ${CMAKE_INSTALL_PREFIX}/bin)
set(sysconfdir ${CMAKE_INSTALL_PREFIX}/etc)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    set(sysconfdir /etc)
endif()
configure_file(${packaging}/awaitd.service.in ${made}/awaitd.service @ONLY)
file(INSTALL DESTINATION ${sysconfdir}/awaitd TYPE FILE FILES ${made}/awaitd.json)
file(INSTALL DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system TYPE FILE
     FILES ${made}/awaitd.service ${packaging}/awaitd.socket)
