#!/usr/bin/env bash
# systemd accepts the units, finds the service hardened, and gives it the time and the descriptors
# that its configuration asks for.
. "$(dirname "$0")/lib.sh" "$@"
need systemd-analyze python3

service=$units/awaitd.service

# The units are checked where they will be, among those that systemd comes with.
root=$work/units
rm -rf "$root"
cp -a "$installed" "$root"
cp -a --no-clobber /lib/systemd/system/. "$root/usr/lib/systemd/system/"
analyze() { systemd-analyze "$@" 2>&1 | grep -v 'running with root privileges' || true; }
verify() { analyze verify --man=no --root="$root" awaitd.service awaitd.socket; }
same 'what systemd-analyze verify has to say' '' "$(verify)"
sed -i 's/^Type=notify/Type=notifies/' "$root/usr/lib/systemd/system/awaitd.service"
holds 'and it would say what is wrong' grep -q notifies <(verify)

# From 0, safe, to 10; 2 is what a service that has to talk to the network can hardly go below.
holds 'its exposure is at most 2.0' systemd-analyze security --no-pager --offline=true \
  --threshold=20 --root="$installed" awaitd.service

# configured KEY: a number, of seconds where it is a time
configured() {
  python3 -c 'import json, sys
print(int(float(str(json.load(open(sys.argv[1]))[sys.argv[2]]).rstrip("s"))))' "$configuration" "$1"
}
# 3 s is the watchdog's patience (server/stop.c).
stop=$(($(configured drain_delay) + $(configured drain_timeout) + 3))
less "seconds of a drain, and TimeoutStopSec" "$(setting "$service" TimeoutStopSec | tr -d s)" "$stop"
descriptors=$(($(configured max_connections) + 64))
less "descriptors, and LimitNOFILE" "$(setting "$service" LimitNOFILE)" "$descriptors"
same 'the socket is on the configured port' "$(configured port)" \
  "$(setting "$units/awaitd.socket" ListenStream)"
finish
