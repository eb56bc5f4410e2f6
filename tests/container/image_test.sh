#!/usr/bin/env bash
# The image by itself: what is in it, what it says of itself, that it serves as nobody in particular
# from a root that cannot be written, and that it ends as asked.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need_image
name=awaitd-image-test-$$
trap 'podman rm --force --time 0 "$name" "$name-alone" >/dev/null 2>&1 || true' EXIT

says() { podman image inspect --format "$1" "$image"; }
label() { says "{{index .Labels \"org.opencontainers.image.$1\"}}"; }

# ---- what it is ----------------------------------------------------------------------------------

less 'bytes of the image' 12000000 "$(says '{{.Size}}')"
same 'user' 65532:65532 "$(says '{{.Config.User}}')"
same 'stop signal' SIGTERM "$(says '{{.Config.StopSignal}}')"
same 'entry point, without a shell' '[/usr/bin/awaitd]' "$(says '{{.Config.Entrypoint}}')"
same 'health check, without a shell' '[CMD /usr/bin/awaitd --healthcheck]' \
  "$(says '{{.HealthCheck.Test}}')"
same 'title' awaitd "$(label title)"
same 'licence' MIT "$(label licenses)"
same 'revision' 0123456789abcdef "$(label revision)"
same 'source' https://example.org/awaitd "$(label source)"
same 'created' 2030-01-02T03:04:05Z "$(label created)"
same 'description' "$(sed -n 's/^project.* DESCRIPTION "\(.*\)")/\1/p' "$source_dir/CMakeLists.txt")" \
  "$(label description)"
same 'version' "awaitd $(label version)" "$(podman run --rm "$image" --version)"

podman create --name "$name" "$image" >/dev/null
others=$(podman export "$name" | tar -t | grep -v '/$' |
  grep -vE '^(usr/bin/awaitd|lib(64)?/(.*/)?[^/]*\.so[.0-9]*)$' || true)
podman rm "$name" >/dev/null
same 'files besides the binary and its libraries' '' "$others"

# ---- serving -------------------------------------------------------------------------------------

as_nobody=(--read-only --read-only-tmpfs=false --cap-drop all --security-opt no-new-privileges)
podman run --detach --name "$name" "${as_nobody[@]}" --network "$network" \
  --publish 127.0.0.1::8080 "$image" >/dev/null
base=http://$(podman port "$name" 8080)
holds 'starts with a read-only root, no capability, no volume' eventually 20 answers "$base"
same 'it runs as, with the capabilities' '65532 none' \
  "$(podman top "$name" user capeff | tail -n 1 | tr -s ' ')"
same 'volumes' '[]' "$(podman inspect --format '{{.Mounts}}' "$name")"
"$source_dir/tests/container/checks.sh" "$base" || failures=$((failures + 1))

holds 'it is healthy' podman healthcheck run "$name"
same 'exit status of the health check where nobody listens' 1 \
  "$(podman exec --env AWAITD_PORT=1 "$name" /usr/bin/awaitd --healthcheck 2>/dev/null || echo $?)"

# No names to look up, no network, another port.
podman run --detach --name "$name-alone" "${as_nobody[@]}" --network none --no-hosts \
  --env PORT=9000 "$image" >/dev/null
holds 'the health check needs neither /etc/hosts nor a name server, and follows PORT' \
  eventually 20 podman healthcheck run "$name-alone"

# ---- SIGTERM with a request in flight ------------------------------------------------------------

"${curl[@]}" --write-out '%{http_code}' "$base/hi?delay=3s" >"$work/in-flight" &
request=$!
holds 'a request is in flight' eventually 5 in_flight "$base"
podman kill --signal TERM "$name" >/dev/null
refused() { [ "$(code_of "$base/livez")" = 000 ]; }
holds 'after SIGTERM nobody is let in' eventually 2 refused
same 'and the request goes on' running "$(state "$name" Status)"
wait "$request" || true
holds 'until it has its answer' grep -q '"World"\].*}200$' <(tr -d '\n' <"$work/in-flight")
holds 'then it ends' eventually 5 is_over "$name"
same 'exit status' 0 "$(state "$name" ExitCode)"
rm -f "$work/in-flight"
finish
