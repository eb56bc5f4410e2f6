#!/usr/bin/env bash
# systemd's own socket activation: nothing runs until somebody connects.
. "$(dirname "$0")/lib.sh" "$@"
need systemd-socket-activate curl

log=$work/activation.log
start() {
  port=$((20000 + RANDOM % 10000))
  systemd-socket-activate --listen="127.0.0.1:$port" "$awaitd" --threads 2 >"$log" 2>&1 &
  server=$!
  eventually 5 grep -q "Listening on 127.0.0.1:$port" "$log"
}
start || start || start || skip "no port is free: $(cat "$log")"
same 'started before anybody connects' 0 "$(grep -c '"listening"' "$log" || true)"
same 'the first request' 200 "$(code_of "http://127.0.0.1:$port/hi?delay=0")"
same 'the next one' 200 "$(code_of "http://127.0.0.1:$port/parallel?delay=1ms")"
same 'it serves' "http://127.0.0.1:$port" "$(listening "$log")"
kill -TERM "$server"
status=0
wait "$server" || status=$?
same 'exit status' 0 "$status"
finish
