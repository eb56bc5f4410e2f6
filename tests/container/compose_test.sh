#!/usr/bin/env bash
# docker/compose.yaml, brought up as it stands, on a port that the kernel picks. Docker's part is played
# by podman, which speaks its protocol.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need_image
need docker-compose
folder=$(mktemp --directory)
project=awaitd-compose-test-$$

podman system service --time 0 "unix://$folder/engine.sock" 2>"$folder/engine.log" &
engine=$!
trap 'compose --profile tests down --timeout 0 >/dev/null 2>&1 || true; kill "$engine"; rm -rf "$folder"' EXIT
export DOCKER_HOST=unix://$folder/engine.sock PORT=0

# Debian's docker-compose does not know the name of a project. Podman needs telling that no more
# processes are allowed than this machine allows.
sed '/^name:/d' "$source_dir/docker/compose.yaml" >"$folder/compose.yaml"
cat >"$folder/limits.yaml" <<'EOF'
version: "3.9"
services:
  awaitd: {ulimits: {nproc: 1000}}
EOF
compose() {
  docker-compose --project-directory "$source_dir/docker" --project-name "$project" \
    --file "$folder/compose.yaml" --file "$folder/limits.yaml" "$@"
}

holds 'the engine answers' eventually 10 test -S "$folder/engine.sock"
holds 'compose up' compose up --detach --no-build
name=$(podman ps --filter "label=com.docker.compose.project=$project" --format '{{.Names}}')
same 'only awaitd came up' 1 "$(wc -w <<<"$name")"
base=http://127.0.0.1:$(podman port "$name" 8080 | sed 's/.*://')
holds 'it answers on the published port' eventually 20 answers "$base"
inspect() { podman inspect --format "$1" "$name"; }
same 'read-only root' true "$(inspect '{{.HostConfig.ReadonlyRootfs}}')"
same 'bytes of memory' $((128 * 1024 * 1024)) "$(inspect '{{.HostConfig.Memory}}')"
same 'billionths of a core' 1000000000 "$(inspect '{{.HostConfig.NanoCpus}}')"
same 'processes' 64 "$(inspect '{{.HostConfig.PidsLimit}}')"
same 'volumes' '[]' "$(inspect '{{.Mounts}}')"
same 'it runs as, with the capabilities' '65532 none' \
  "$(podman top "$name" user capeff | tail -n 1 | tr -s ' ')"

# Podman leaves it to systemd to ask again and again; where there is none, asking once is enough.
holds 'it is healthy' podman healthcheck run "$name"
compose run --rm tests 2>"$folder/log" || not_ok 'the profile tests' "$(cat "$folder/log")"

began=$SECONDS
compose stop >/dev/null 2>&1
same 'exit status once stopped' 0 "$(state "$name" ExitCode)"
less 'seconds to stop with nothing in flight' 5 $((SECONDS - began))
finish
