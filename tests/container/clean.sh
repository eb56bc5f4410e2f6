#!/usr/bin/env bash
# Removes whatever the container tests made: containers, pods, networks, images.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
if [ -f "$CONTAINERS_CONF" ] && podman info >/dev/null 2>&1; then
  podman pod rm --all --force --time 0 >/dev/null
  podman rm --all --force --time 0 >/dev/null
  buildah rm --all >/dev/null
  podman network prune --force >/dev/null
  podman rmi --all --force >/dev/null
fi
# The engine leaves mounts below its storage; and as no root, files of other users.
{ grep -o " $work/[^ ]*" /proc/mounts || true; } | sort --reverse | xargs --no-run-if-empty umount
rm -rf "$work" 2>/dev/null || podman unshare rm -rf "$work"
