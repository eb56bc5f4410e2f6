# What the container tests share. Sourced as: . lib.sh SOURCE_DIR WORK_DIR
# Podman and buildah get a storage of their own below WORK_DIR, so nothing of theirs mixes with the
# images, containers and networks that are on the machine.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

source_dir=$1
work=$2
image=localhost/awaitd:latest
checks_image=localhost/awaitd-checks:latest
network=awaitd-test
curl=(curl -sS --max-time 20)

export CONTAINERS_STORAGE_CONF=$work/storage.conf
export CONTAINERS_CONF=$work/containers.conf

# ---- saying what holds ---------------------------------------------------------------------------

failures=0

ok() { printf 'ok - %s\n' "$1"; }

not_ok() {
  printf 'not ok - %s\n' "$1"
  [ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/    /'
  failures=$((failures + 1))
}

# holds WHAT COMMAND...
holds() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then ok "$what"; else not_ok "$what" "$said"; fi
}

# same WHAT EXPECTED ACTUAL
same() {
  if [ "$2" = "$3" ]; then ok "$1: $2"; else not_ok "$1" "expected '$2', got '$3'"; fi
}

# less WHAT BOUND ACTUAL
less() {
  if [ "$3" -lt "$2" ]; then ok "$1: $3 < $2"; else not_ok "$1" "$3 is not less than $2"; fi
}

# eventually SECONDS COMMAND...: tries until it succeeds
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

skip() {
  printf 'SKIP: %s\n' "$1"
  exit 77
}

finish() {
  [ "$failures" -eq 0 ] || {
    printf '%d failed\n' "$failures"
    exit 1
  }
}

# ---- what it takes -------------------------------------------------------------------------------

need() {
  local tool missing=()
  for tool in "$@"; do
    command -v "$tool" >/dev/null || [ -x "/usr/lib/podman/$tool" ] || missing+=("$tool")
  done
  [ ${#missing[@]} -eq 0 ] || skip "not installed: ${missing[*]}"
}

need_image() {
  need podman runc netavark aardvark-dns iptables curl
  if [ ! -f "$CONTAINERS_CONF" ] || ! podman image exists "$image"; then
    skip 'there is no image; the test container.build says why'
  fi
}

# mirror_of SUITE: where a release of Debian can be had, of all that apt knows; "" if nowhere. Found by
# asking: a mirror that apt has for one release has the others too.
mirror_of() {
  local mirror found
  found=$(mktemp)
  for mirror in $(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' | sort -u); do
    if /usr/lib/apt/apt-helper download-file "${mirror%/}/dists/$1/InRelease" "$found" >/dev/null 2>&1 &&
      grep -q '^Origin: Debian$' "$found"; then
      echo "$mirror"
      break
    fi
  done
  rm -f "$found"
}

# ---- asking a container --------------------------------------------------------------------------

state() { podman inspect --format "{{.State.$2}}" "$1"; }
is_over() { [ "$(state "$1" Status)" = exited ]; }
answers() { "${curl[@]}" --fail --output /dev/null "$1/livez"; }
in_flight() { "${curl[@]}" "$1/metrics" | grep -q '^http_requests_in_flight [1-9]'; }
code_of() { "${curl[@]}" --output /dev/null --write-out '%{http_code}' "$1" 2>/dev/null || true; }

# The first python3 that has PyYAML: one that somebody put in front of Debian's may not.
find_yaml_python() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import yaml' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}
