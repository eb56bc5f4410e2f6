#!/usr/bin/env bash
# The units under a systemd that runs: the package starts awaitd, which is hardened and serves; an
# upgrade restarts it; with the socket, no request is lost; and a removal stops it.
. "$(dirname "$0")/lib.sh" "$@"
need_root
need_base
need curl nsenter unshare

root=$work/systemd
rm -rf --one-file-system "$root"
cp -a "$base" "$root"

# There is no network inside, so all that the package depends on is installed beforehand.
depends=$(dpkg-deb --field "$deb" Depends | sed 's/([^)]*)//g; s/,/ /g')
# shellcheck disable=SC2086
apt_in "$root" install systemd systemd-sysv dbus $depends >"$work/systemd.log" ||
  skip "apt cannot install systemd: $(tail -n 1 "$work/systemd.log")"

"$(dirname "$0")/boot.sh" "$root" >"$work/boot.log" 2>&1 &
booted=$!
off() {
  kill -KILL "$booted" 2>/dev/null || true
  wait "$booted" 2>/dev/null || true
}
trap off EXIT

# The process 1 of the new namespaces, as it is called out here.
first() { pgrep --parent "$booted"; }
inside() {
  nsenter --target "$(first)" --all --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    LC_ALL=C.UTF-8 "$@"
}
ask() { nsenter --target "$(first)" --net "${curl[@]}" --output /dev/null --write-out '%{http_code}\n' "$@"; }
of_service() { inside systemctl show awaitd.service --property "$1" --value; }
is_up() { inside systemctl is-system-running | grep -qE 'running|degraded'; }
eventually 30 is_up || skip "systemd does not boot here: $(tail -n 1 "$work/boot.log")"

# ---- the service ---------------------------------------------------------------------------------

cp "$deb" "$root/opt/awaitd.deb"
holds 'the package can be installed' inside dpkg --install /opt/awaitd.deb
same 'the service' active "$(of_service ActiveState)"
same 'it answers' 200 "$(ask 'http://127.0.0.1:8080/hi?delay=10ms')"

status=$(inside cat "/proc/$(of_service MainPID)/status")
of_process() { awk -v key="$1:" '$1 == key { print $2 }' <<<"$status"; }
less 'it is not root: 0, and its user' "$(of_process Uid)" 0
same 'its capabilities' 0000000000000000 "$(of_process CapEff)"
same 'and what it may get' 0000000000000000 "$(of_process CapBnd)"
same 'new privileges are forbidden' 1 "$(of_process NoNewPrivs)"
same 'system calls are filtered' 2 "$(of_process Seccomp)"

before=$(of_service MainPID)
holds 'an upgrade' inside dpkg --install /opt/awaitd.deb
same 'the service' active "$(of_service ActiveState)"
[ "$before" != "$(of_service MainPID)" ] || not_ok 'an upgrade restarts it'

# It drains: what runs is answered.
ask 'http://127.0.0.1:8080/hi?delay=1s' >"$work/drained" &
asked=$!
sleep 0.3
holds 'it stops' inside systemctl stop awaitd.service
wait "$asked" || true
same 'the request that ran' 200 "$(cat "$work/drained")"
same 'the result' success "$(of_service Result)"

# ---- the socket ----------------------------------------------------------------------------------

holds 'the socket starts' inside systemctl enable --now awaitd.socket
same 'the service, before anybody connects' inactive "$(of_service ActiveState)"
same 'the first request' 200 "$(ask http://127.0.0.1:8080/hi?delay=0)"
same 'the service' active "$(of_service ActiveState)"

rm -f "$work"/answers.* "$work/enough"
keep_asking() {
  until [ -e "$work/enough" ]; do
    ask 'http://127.0.0.1:8080/hi?delay=20ms' || true
  done
}
clients=()
for client in 1 2 3 4; do
  keep_asking >"$work/answers.$client" 2>&1 &
  clients+=($!)
done
# systemd gives up on a service that is started more than five times in ten seconds.
inside systemctl reset-failed awaitd.service
for _ in 1 2 3 4; do
  sleep 0.2
  inside systemctl restart awaitd.service || not_ok 'a restart'
done
touch "$work/enough"
wait "${clients[@]}"
answers=$(sort "$work"/answers.* | uniq -c)
same 'answers during four restarts that are not 200' '' "$(grep -v ' 200$' <<<"$answers" || true)"
less 'answers that are' "$(awk '{ print $1 }' <<<"$answers" | head -n 1)" 20

# ---- the end -------------------------------------------------------------------------------------

holds 'a removal' inside dpkg --remove awaitd
same 'awaitd, after it' '' "$(inside ps -C awaitd -o pid= 2>/dev/null || inside pidof awaitd || true)"
holds 'a purge' inside dpkg --purge awaitd
rm "$root/opt/awaitd.deb"
same 'what is left of it' '' "$(leftovers "$root")"
off
rm -rf --one-file-system "$root"
finish
