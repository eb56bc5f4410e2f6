#!/usr/bin/env bash
# The package says what it is, and Debian's own checker finds no error in it.
. "$(dirname "$0")/lib.sh" "$@"
need dpkg-deb

field() { dpkg-deb --field "$deb" "$1"; }
same 'name' awaitd "$(field Package)"
same 'version' "$("$awaitd" --version)" "awaitd $(field Version)"
same 'architecture' "$(dpkg --print-architecture)" "$(field Architecture)"
# Debian 13 has renamed some (t64), and they provide the old names.
for library in libc6 libnghttp2-14 libuv1 libssl3 libjansson4; do
  holds "it depends on $library" grep -qE "(^|, )$library(t64)?( |,|$)" <(field Depends)
done
holds 'it has a description' grep -q 'Hello' <(field Description)
same 'configuration files' /etc/awaitd/awaitd.json "$(dpkg-deb --info "$deb" conffiles)"
same 'files that are not root'\''s' '' "$(dpkg-deb --contents "$deb" | grep -v ' root/root ' || true)"
same 'files' "$(cd "$installed" && find . -type f | sort)" \
  "$(dpkg-deb --contents "$deb" | awk '/^-/ { print $6 }' | sort)"

same 'libh2o, which Debian 13 has not' '' "$(field Depends | grep h2o || true)"
same 'the version of its changelog' "$(field Version)" \
  "$(gzip -dc "$installed/usr/share/doc/awaitd/changelog.gz" | sed -n '1s/.*(\(.*\)).*/\1/p')"

# A skip would hide what has failed so far.
finish
lintian --version >/dev/null 2>&1 || skip 'lintian does not run here; the rest holds'
holds 'lintian finds no error' lintian --allow-root --fail-on error "$deb"
# It would find one: a package with a file where none may be.
rm -rf "$work/wrong"
dpkg-deb --raw-extract "$deb" "$work/wrong"
mkdir -p "$work/wrong/usr/local"
touch "$work/wrong/usr/local/wrong"
dpkg-deb --root-owner-group --build "$work/wrong" "$work/wrong.deb" >/dev/null
same 'and of one with a file in /usr/local it says' file-in-usr-local \
  "$(lintian --allow-root --fail-on error "$work/wrong.deb" 2>/dev/null | grep -om 1 file-in-usr-local)"
finish
