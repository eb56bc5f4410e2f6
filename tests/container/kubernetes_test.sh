#!/usr/bin/env bash
# docker/kubernetes.yaml, brought up by `podman play kube`, asked, and stopped as a kubelet would.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need_image
need catatonit python3
folder=$(mktemp --directory)
manifest=$folder/kubernetes.yaml
name=awaitd-pod-0-awaitd
trap 'podman play kube --down "$manifest" >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT

# Podman publishes a pod's ports on the host, where a second replica would find them taken: one
# replica, on ports that are free.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'
}
port=$(free_port)
admin_port=$(free_port)
base=http://127.0.0.1:$port
admin=http://127.0.0.1:$admin_port
sed -e 's/^  replicas: 2$/  replicas: 1/' \
  -e "s/^\( *\)containerPort: 8080$/&\n\1hostPort: $port/" \
  -e "s/^\( *\)containerPort: 9090$/&\n\1hostPort: $admin_port/" \
  "$source_dir/docker/kubernetes.yaml" >"$manifest"
podman tag "$image" "$(sed -n 's/^ *image: //p' "$manifest")"

holds 'podman play kube' podman play kube --network "$network" "$manifest"
holds 'it answers' eventually 20 answers "$admin"
inspect() { podman inspect --format "$1" "$name"; }
same 'read-only root' true "$(inspect '{{.HostConfig.ReadonlyRootfs}}')"
same 'it runs as, with the capabilities' '65532 none' \
  "$(podman top "$name" user capeff | tail -n 1 | tr -s ' ')"
same 'threads, one for each core of the limit' 1 \
  "$(podman logs "$name" 2>/dev/null | sed -n 's/.*"threads":\([0-9]*\).*/\1/p')"
"$source_dir/tests/container/checks.sh" "$base" "$admin" || failures=$((failures + 1))
same 'metrics are not for clients' 404 "$(code_of "$base/metrics")"

# ---- a pod that has to go, with a request in flight ----------------------------------------------
# The kubelet sends SIGTERM to the containers of a pod and takes its network away only after them.

"${curl[@]}" --write-out '%{http_code}' "$base/hi?delay=7s" >"$folder/in-flight" &
request=$!
holds 'a request is in flight' eventually 5 in_flight "$admin"
began=$SECONDS
grace=$(sed -n 's/^ *terminationGracePeriodSeconds: //p' "$manifest")
podman stop --time "$grace" "$name" >"$folder/stop" 2>&1 &
stop=$!
unready() { [ "$(code_of "$admin/readyz")" = 503 ]; }
holds 'readiness goes at once' eventually 2 unready
same 'while it is alive' 200 "$(code_of "$admin/livez")"
same 'and still lets in whom a balancer sends that has not heard' 200 "$(code_of "$base/hi?delay=0")"
sleep $((began + 6 - SECONDS))
same 'after the drain delay nobody is let in' 000 "$(code_of "$base/hi?delay=0")"
same 'but its own are told that it is alive' 200 "$(code_of "$admin/livez")"
wait "$request" || true
holds 'the request in flight has its answer' \
  grep -q '"World"\].*}200$' <(tr -d '\n' <"$folder/in-flight")
wait "$stop" || true
same 'exit status' 0 "$(state "$name" ExitCode)"
less 'seconds until it ended' 10 $((SECONDS - began))
finish
