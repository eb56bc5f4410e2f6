#!/usr/bin/env bash
# What the README promises, in a Debian with nothing in it, of another release or another architecture:
# script/server installs, builds and serves; then the tests that are named pass.
# debian_test.sh SOURCE_DIR WORK_DIR SUITE ARCHITECTURE PRESET LABELS
. "$(dirname "$0")/../container/lib.sh" "$1" "$2"
suite=$3
architecture=$4
preset=$5
labels=$6
root=$work/$suite-$architecture
log=$work/$suite-$architecture.log

[ "$(id -u)" -eq 0 ] || skip 'it takes root'
need debootstrap git curl

native=$(dpkg --print-architecture)
interpreter=/proc/sys/fs/binfmt_misc/qemu-aarch64
mounted=no registered=no server=

tidy() {
  [ -z "$server" ] || kill -KILL -- "-$server" 2>/dev/null || true
  ! mountpoint -q "$root/proc" || umount "$root/proc"
  rm -rf --one-file-system "$root"
  [ "$registered" = no ] || echo -1 >"$interpreter"
  [ "$mounted" = no ] || umount /proc/sys/fs/binfmt_misc
}
trap tidy EXIT

# The kernel hands a foreign binary to qemu. Where nobody has told it to, it is told for this test.
emulate() {
  local rule=/usr/lib/binfmt.d/qemu-aarch64.conf
  [ ! -e "$interpreter" ] || return 0
  [ -f "$rule" ] || skip 'not installed: qemu-user-static'
  if [ ! -e /proc/sys/fs/binfmt_misc/register ]; then
    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc 2>/dev/null ||
      skip 'binfmt_misc cannot be mounted here, so nothing is emulated'
    mounted=yes
  fi
  grep '^:' "$rule" >/proc/sys/fs/binfmt_misc/register 2>/dev/null ||
    skip 'the kernel takes no interpreter of foreign binaries from us'
  registered=yes
}

# A command, so that what is put into the background is the process itself.
in_root=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 chroot "$root"
  sh -c 'cd /awaitd && exec "$@"' sh)

# ---- a Debian with nothing in it -----------------------------------------------------------------

[ "$architecture" = "$native" ] || emulate
rm -rf --one-file-system "$root"
mkdir -p "$root"
mirror=$(mirror_of "$suite")
[ -n "$mirror" ] || skip "no mirror that apt knows has Debian's $suite"
debootstrap --variant=minbase --arch="$architecture" "$suite" "$root" "$mirror" >"$log" 2>&1 || {
  tail -n 3 "$log"
  skip 'debootstrap cannot make a root here'
}
mount -t proc proc "$root/proc" || skip 'proc cannot be mounted in a root here'
cp /etc/resolv.conf "$root/etc/resolv.conf"
apt-config dump Acquire >"$root/etc/apt/apt.conf.d/99acquire"
mkdir "$root/awaitd"
git -C "$source_dir" ls-files -z --cached --others --exclude-standard |
  (cd "$source_dir" && while IFS= read -rd '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar -c --null --files-from=-) | tar -x --no-same-owner -C "$root/awaitd"
ok "a bare $suite, $architecture, after $SECONDS s"

# ---- the first command of the README -------------------------------------------------------------

set -m
"${in_root[@]}" script/server --port 0 >"$log" 2>&1 &
server=$!
set +m
url() { grep -o 'http://[^ "]*' "$log" | head -n 1 | sed 's/\[::\]/127.0.0.1/'; }
serves() { [ -n "$(url)" ] && "${curl[@]}" --fail --output /dev/null "$(url)/livez"; }
until serves; do
  kill -0 "$server" 2>/dev/null || {
    tail -n 30 "$log"
    not_ok 'script/server serves'
    finish
  }
  sleep 0.5
done
ok "script/server serves, after $SECONDS s"
same 'what /parallel says' '["Hello", "Hello", "Hello", "World", "World", "World"]' \
  "$("${curl[@]}" "$(url)/parallel?delay=20ms" | grep -o '\[.*\]')"
same 'what /sequence says over HTTP/2' '["Hello", "World", "Hello", "World"]' \
  "$("${curl[@]}" --http2-prior-knowledge "$(url)/sequence?delay=20ms&count=2" | grep -o '\[.*\]')"
same 'nothing warns whoever only builds' '' "$(grep -iE 'warning|error|note:' "$log" || true)"
kill -TERM -- "-$server"
wait "$server" && status=0 || status=$?
same 'its exit status after SIGTERM' 0 "$status"
server=

# ---- its tests -----------------------------------------------------------------------------------

# shellcheck disable=SC2016
"${in_root[@]}" bash -ec '. script/lib.sh
  script/bootstrap api
  build_tests "$1"
  ctest --test-dir "build/$1" --output-on-failure --no-tests=error -j "$(nproc)" -L "$2"' \
  bash "$preset" "$labels" >"$log" 2>&1 || {
  grep -A 40 -E '\*\*\*|error:|FAILED|^E: ' "$log" | head -n 150
  not_ok "the tests '$labels'"
  finish
}
ok "$(grep 'tests passed' "$log"), after $SECONDS s"
while read -r line; do printf '    %s\n' "$line"; done < <(grep -E '^SKIP: ' "$log" | sort -u)

# ---- another compiler ----------------------------------------------------------------------------

# Ubuntu 24.04 has gcc 13, which defines and hardens by itself what these flags say.
ubuntu_gcc=gcc-13
ubuntu_flags='-D_FORTIFY_SOURCE=3 -fstack-clash-protection -fcf-protection -fstack-protector-strong -Wformat -Wformat-security'

as_on_ubuntu() {
  # shellcheck disable=SC2016
  if "${in_root[@]}" bash -ec '
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"
    cmake --preset release -B build/ubuntu -DAWAITD_TESTS=OFF -DAWAITD_WERROR=ON \
      "-DCMAKE_C_COMPILER=$1" "-DCMAKE_C_FLAGS=$2"
    cmake --build build/ubuntu --target awaitd
    build/ubuntu/awaitd --version' bash "$ubuntu_gcc" "$ubuntu_flags" >"$log" 2>&1; then
    ok "builds without a warning as on Ubuntu 24.04, with $ubuntu_gcc, after $SECONDS s"
  else
    not_ok "builds without a warning as on Ubuntu 24.04, with $ubuntu_gcc" \
      "$(grep -E 'error:|warning:|^E: ' "$log" | head -n 20)"
  fi
}

[ "$suite" != trixie ] || as_on_ubuntu
finish
