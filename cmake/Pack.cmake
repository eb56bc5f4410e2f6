# Where each kind of package puts things. It is read by cpack, once for each. With DESTDIR the files that
# are installed name the places where they will be, and nothing is written to those here.
set(CPACK_SET_DESTDIR ON)
if(CPACK_GENERATOR STREQUAL DEB)
    set(CPACK_INSTALL_PREFIX /usr)
else()
    set(CPACK_INSTALL_PREFIX /usr/local)
    set(CPACK_INCLUDE_TOPLEVEL_DIRECTORY OFF)
endif()
