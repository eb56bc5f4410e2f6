#!/usr/bin/env bash
# Builds what ships, installs it into a folder, and makes the package.
. "$(dirname "$0")/lib.sh" "$@"

"$(dirname "$0")/clean.sh" "$@"
mkdir -p "$work"
cd "$source_dir"
cmake --preset release -B "$build" -DAWAITD_TESTS=OFF
cmake --build "$build"
DESTDIR=$installed cmake --install "$build"
ok 'cmake --install'

need dpkg-deb dpkg-shlibdeps
cd "$work"
cpack --config "$build/CPackConfig.cmake" -B "$work/package"
mv "$work"/package/awaitd_*.deb "$deb"
ok 'cpack'
finish
