#!/usr/bin/env bash
# Makes the packages as people do, and installs what is in them into a folder.
. "$(dirname "$0")/lib.sh" "$@"

"$(dirname "$0")/clean.sh" "$@"
mkdir -p "$work"
touch "$work/began"
cd "$source_dir"
dpkg-shlibdeps --version >/dev/null 2>&1 || skip 'dpkg-shlibdeps does not run here, which packages need'
script/package "$package" >"$work/package.log" 2>&1 || {
  tail -n 30 "$work/package.log"
  not_ok 'script/package'
  finish
}
cat "$work/package.log"
ok 'script/package'
DESTDIR=$installed cmake --install "$build" >/dev/null
ok 'cmake --install'
finish
