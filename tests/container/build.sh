#!/usr/bin/env bash
# Builds the image from docker/Dockerfile, as Docker would, and the image of the checks.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
need podman buildah runc

"$(dirname "$0")/clean.sh" "$@"
mkdir -p "$work"

# What a container is allowed must not be more than we are: where limits cannot be raised, an engine's
# own defaults would be refused. runc, because crun refuses a machine that has both versions of cgroups
# mounted.
allowed() {
  local hard
  hard=$(ulimit "-H$1")
  if [ "$hard" = unlimited ] || [ "$hard" -gt 4096 ]; then hard=4096; fi
  echo "$hard:$hard"
}
cat >"$CONTAINERS_CONF" <<EOF
[containers]
default_ulimits = ["nofile=$(allowed n)", "nproc=$(allowed u)"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "$work/networks"
EOF
cat >"$CONTAINERS_STORAGE_CONF" <<EOF
[storage]
driver = "overlay"
graphroot = "$work/storage"
runroot = "$work/run"
EOF

# A chroot without /sys has the programs and cannot run them.
said=$(podman info 2>&1) || skip "podman does not work here: $(tail -n 1 <<<"$said")"

# Podman picks a subnet that is free; the one of its default network may be another engine's.
said=$(podman network create "$network" 2>&1) ||
  skip "podman cannot make a network here: $(tail -n 1 <<<"$said")"

# The base image, under the name that the Dockerfile asks for: root makes it from Debian's packages,
# for which apt is set up already; anybody else has to pull it.
mirror=$(mirror_of bookworm)
if [ "$(id -u)" -eq 0 ] && [ -n "$mirror" ] && command -v debootstrap >/dev/null; then
  debootstrap --variant=minbase bookworm "$work/base" "$mirror" >"$work/base.log" 2>&1 || {
    tail -n 3 "$work/base.log"
    skip 'debootstrap cannot make the base image'
  }
  apt-config dump Acquire >"$work/base/etc/apt/apt.conf.d/99acquire"
  said=$(tar -C "$work/base" -c . | podman import --quiet - docker.io/library/debian:bookworm-slim 2>&1) ||
    skip "podman cannot make an image here: $(tail -n 1 <<<"$said")"
  rm -rf "$work/base"
else
  podman pull --quiet docker.io/library/debian:bookworm-slim ||
    skip 'no base image: it takes root and debootstrap, or a registry that answers'
fi

said=$(podman run --rm --network "$network" debian:bookworm-slim true 2>&1) ||
  skip "podman cannot run a container here: $(tail -n 1 <<<"$said")"

# What follows can only be the Dockerfile's fault, once buildah has shown that it can build anything.
said=$(buildah bud --isolation chroot --tag localhost/awaitd-nothing - 2>&1 <<<'FROM debian:bookworm-slim
RUN true') || skip "buildah cannot build here: $(tail -n 1 <<<"$said")"

build() {
  buildah bud --isolation chroot --format docker "$@" "$source_dir" >"$work/build.log" 2>&1 || {
    tail -n 60 "$work/build.log"
    not_ok "buildah bud $*"
    finish
  }
}

build --file "$source_dir/docker/Dockerfile" --tag "$image" \
  --build-arg REVISION=0123456789abcdef --build-arg SOURCE=https://example.org/awaitd \
  --build-arg CREATED=2030-01-02T03:04:05Z
ok 'docker/Dockerfile builds'
same 'and ran no test' '' "$(grep -E 'tests passed' "$work/build.log" || true)"

build --file "$source_dir/docker/Dockerfile" --target test --tag localhost/awaitd-test
ok 'and so does its target test'
holds 'which ran the unit and API tests' \
  grep -E '100% tests passed, 0 tests failed out of [1-9][0-9]+' "$work/build.log"
grep -E 'tests passed|Total Test time' "$work/build.log"

build --file "$source_dir/tests/container/Dockerfile" --tag "$checks_image"
finish
