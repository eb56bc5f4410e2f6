#!/usr/bin/env bash
# In a Debian with nothing in it: apt installs the package with what it depends on, awaitd serves,
# and a purge leaves nothing behind.
. "$(dirname "$0")/lib.sh" "$@"
need_root
need_base
need curl

root=$work/apt-$suite
log=$work/apt-$suite.log
rm -rf --one-file-system "$root"
cp -a "$base" "$root"
cp "$deb" "$root/tmp/"

# Where packages are listed; the rest of their bookkeeping changes with every run.
everything() {
  cd "$root" && find . -xdev \( -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./var/cache \
    -o -path ./var/log -o -path ./tmp \) -prune -o -printf '%p %y %m %u %l\n' | sort
}
everything >"$work/before-$suite"

holds 'apt installs it' apt_in "$root" install "/tmp/$(basename "$deb")"
same 'its version' "$("$awaitd" --version)" "$(in_root "$root" awaitd --version)"
holds 'it is enabled' test -L "$root/etc/systemd/system/multi-user.target.wants/awaitd.service"
same 'the socket is not' '' "$(find "$root/etc/systemd" -name 'awaitd.socket')"

# As the unit starts it, but for the port: here others may have it.
env -i PATH=/usr/sbin:/usr/bin chroot --userspec=65534:65534 "$root" /usr/bin/awaitd --config /etc/awaitd/awaitd.json \
  --host 127.0.0.1 --port 0 >"$log" 2>&1 &
server=$!
eventually 10 grep -q listening "$log" || {
  not_ok 'it starts' "$(cat "$log")"
  finish
}
url=$(listening "$log")
same 'it answers' 200 "$(code_of "$url/hi?delay=10ms")"
kill -TERM "$server"
status=0
wait "$server" || status=$?
same 'it stops with' 0 "$status"

echo '{"port": 8081}' >"$root/etc/awaitd/awaitd.json"
holds 'apt removes it' apt_in "$root" remove awaitd
same 'the configuration stays' '{"port": 8081}' "$(cat "$root/etc/awaitd/awaitd.json")"
holds 'apt purges it' apt_in "$root" purge --auto-remove awaitd
everything >"$work/after-$suite"
same 'what has changed' '' "$(diff "$work/before-$suite" "$work/after-$suite" || true)"
same 'what is left of it' '' "$(leftovers "$root")"
rm -rf --one-file-system "$root"
finish
