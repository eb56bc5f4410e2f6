#!/usr/bin/env bash
# A Debian with nothing in it, for the tests to copy: from where apt here gets its packages.
. "$(dirname "$0")/lib.sh" "$@"
need_root
need debootstrap

mirror=$(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' 'Codename: bookworm' |
  head -n 1) || true
[ -n "$mirror" ] || skip 'apt knows no mirror of bookworm; apt-get update may help'
debootstrap --variant=minbase bookworm "$base.part" "$mirror" >"$work/base.log" 2>&1 || {
  tail -n 3 "$work/base.log"
  rm -rf --one-file-system "$base.part"
  skip 'debootstrap cannot make a root here'
}
mv "$base.part" "$base"
apt_in "$base" update
ok 'debootstrap'
