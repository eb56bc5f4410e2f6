#!/usr/bin/env bash
# A Debian with nothing in it, for the tests to copy: from where apt here gets its packages.
. "$(dirname "$0")/lib.sh" "$@"
need_root
need debootstrap

mirror=$(mirror_of "$suite")
[ -n "$mirror" ] || skip "no mirror that apt knows has Debian's $suite"
debootstrap --variant=minbase "$suite" "$base.part" "$mirror" >"$work/$suite.log" 2>&1 || {
  tail -n 3 "$work/$suite.log"
  rm -rf --one-file-system "$base.part"
  skip 'debootstrap cannot make a root here'
}
mv "$base.part" "$base"
apt_in "$base" update
ok 'debootstrap'
