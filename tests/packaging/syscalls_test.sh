#!/usr/bin/env bash
# awaitd makes no system call that its unit forbids: such a call would fail quietly, and only there.
. "$(dirname "$0")/lib.sh" "$@"
need strace systemd-analyze curl

service=$units/awaitd.service

# calls_of SET...: the names in systemd's sets, which hold other sets
calls_of() {
  local name
  for name in "$@"; do
    if [ "${name#@}" = "$name" ]; then
      echo "$name"
    else
      # shellcheck disable=SC2046
      calls_of $(systemd-analyze syscall-filter "$name" | sed '1d; s/#.*//')
    fi
  done
}
filter=$(sed -n 's/^SystemCallFilter=//p' "$service")
# shellcheck disable=SC2046
allowed=$(comm -23 <(calls_of $(grep -v '^~' <<<"$filter") | sort -u) \
  <(calls_of $(sed -n 's/^~//p' <<<"$filter") | sort -u))
less 'calls that are allowed' "$(wc -l <<<"$allowed")" 100

strace --follow-forks --quiet=all --output="$work/strace" env -i "$awaitd" --config "$configuration" \
  --host 127.0.0.1 --port 0 --log json >"$work/strace.out" 2>&1 &
tracer=$!
eventually 10 grep -q listening "$work/strace.out" || skip "strace cannot trace here: $(cat "$work/strace.out")"
url=$(listening "$work/strace.out")
for path in /hi?delay=1ms '/parallel?delay=1ms&format=text' '/hi?delay=1ms&sleep=blocking' /metrics \
  /openapi.json /readyz /nowhere; do
  "${curl[@]}" --output /dev/null "$url$path"
done
kill -TERM "$(pgrep --parent "$tracer")"
wait "$tracer" || not_ok "awaitd ended with $?"
made=$(sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$work/strace" | sort -u)
# execve() and what strace shows of env(1) before it are systemd's own doing there.
less 'calls that were made' "$(wc -l <<<"$made")" 30
same 'calls that the unit forbids' '' "$(comm -13 <(echo "$allowed") <(echo "$made"))"
finish
