#!/usr/bin/env bash
# The package says what it is, and Debian's own checker finds no error in it.
. "$(dirname "$0")/lib.sh" "$@"
need dpkg-deb

field() { dpkg-deb --field "$deb" "$1"; }
same 'name' awaitd "$(field Package)"
same 'version' "$("$awaitd" --version)" "awaitd $(field Version)"
same 'architecture' "$(dpkg --print-architecture)" "$(field Architecture)"
for library in libc6 libh2o0.13 libnghttp2-14 libuv1 libjansson4; do
  holds "it depends on $library" grep -qE "(^|, )$library( |,|$)" <(field Depends)
done
holds 'it has a description' grep -q 'Hello' <(field Description)
same 'configuration files' /etc/awaitd/awaitd.json "$(dpkg-deb --info "$deb" conffiles)"
same 'files that are not root'\''s' '' "$(dpkg-deb --contents "$deb" | grep -v ' root/root ' || true)"
same 'files' "$(cd "$installed" && find . -type f | sort)" \
  "$(dpkg-deb --contents "$deb" | awk '/^-/ { print $6 }' | sort)"

# Who builds it for others names themselves (AWAITD_MAINTAINER); and our changelog is for people.
if command -v lintian >/dev/null; then
  holds 'lintian finds no error' lintian --allow-root --fail-on error \
    --suppress-tags bogus-mail-host "$deb"
else
  echo 'lintian is not installed: not asked'
fi
finish
