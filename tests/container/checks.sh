#!/usr/bin/env bash
# Asks a running awaitd what a user would ask first: checks.sh http://localhost:8080 [ADMIN-URL]
set -euo pipefail
base=$1
admin=${2:-$1}
failures=0

# answers WHAT PATTERN CURL-ARGUMENT...: the answer, without its line ends, matches
answers() {
  local what=$1 pattern=$2 answer
  shift 2
  answer=$(curl -sS --max-time 20 "$@" 2>&1 | tr -d '\r\n') || true
  if [[ $answer =~ $pattern ]]; then
    printf 'ok - %s\n' "$what"
  else
    printf 'not ok - %s\n    %s\n' "$what" "$answer"
    failures=$((failures + 1))
  fi
}

H='"Hello"' W='"World"'
answers '/hi says Hello, World' "\[$H, $W\]" "$base/hi?delay=100ms"
answers '/parallel says Hello thrice, World thrice' \
  "\[$H, $H, $H, $W, $W, $W\]" "$base/parallel?delay=100ms"
answers '/sequence says Hello, World thrice' \
  "\[$H, $W, $H, $W, $H, $W\]" "$base/sequence?delay=100ms"
answers '/hi waits 1 s' '^200 1\.[0-4]' -o /dev/null -w '%{http_code} %{time_total}' "$base/hi"
answers '/parallel waits 1 s' '^200 1\.[0-4]' \
  -o /dev/null -w '%{http_code} %{time_total}' "$base/parallel"
answers '/sequence waits 3 s' '^200 3\.[0-4]' \
  -o /dev/null -w '%{http_code} %{time_total}' "$base/sequence"
answers 'format=text is what the article prints' \
  '^HelloHelloHelloWorldWorldWorldelapsed: 0\.1' "$base/parallel?delay=100ms&format=text"
answers 'a mistake is a problem document' '400 application/problem\+json$' \
  -o /dev/null -w '%{http_code} %{content_type}' "$base/parallel?cuont=5"
answers 'it is alive' '"status": "ok"' "$admin/livez"
answers 'it is ready' '"status": "ok"' "$admin/readyz"
answers 'it counts' 'http_requests_total\{' "$admin/metrics"

[ "$failures" -eq 0 ] || {
  printf '%d failed\n' "$failures"
  exit 1
}
