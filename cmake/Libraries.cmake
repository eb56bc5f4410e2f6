find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# Where script/libh2o has made one, it comes before the system's; which it is may change from one
# configuration to the next.
set(AWAITD_DEPS ${CMAKE_CURRENT_SOURCE_DIR}/.deps CACHE PATH "Where script/libh2o has made libh2o")
list(PREPEND CMAKE_PREFIX_PATH ${AWAITD_DEPS})
unset(__pkg_config_checked_h2o CACHE)
unset(pkgcfg_lib_h2o_h2o CACHE)

pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(uv REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(h2o REQUIRED IMPORTED_TARGET libh2o)
pkg_check_modules(nghttp2 REQUIRED IMPORTED_TARGET libnghttp2)

# libh2o.pc names neither libuv nor OpenSSL as a public requirement, though its headers include both.
pkg_check_modules(ssl REQUIRED IMPORTED_TARGET libssl libcrypto)
add_library(awaitd_h2o INTERFACE)
target_link_libraries(awaitd_h2o INTERFACE PkgConfig::h2o PkgConfig::uv PkgConfig::ssl)
target_compile_definitions(awaitd_h2o INTERFACE H2O_USE_LIBUV=1)
