# What the packaging tests share. Sourced as: . lib.sh SOURCE_DIR WORK_DIR
# shellcheck shell=bash disable=SC2034
. "$(dirname "${BASH_SOURCE[0]}")/../container/lib.sh" "$@"

package=$work/package     # what script/package makes
build=$package/build
installed=$work/installed # as cmake --install leaves it
suite=${3:-bookworm}
base=$work/base-$suite    # a Debian with nothing in it
units=$installed/usr/lib/systemd/system
deb=$(echo "$package"/awaitd_*.deb)
tgz=$(echo "$package"/awaitd-*.tar.gz)
awaitd=$installed/usr/bin/awaitd

# The service finds its settings here.
configuration=$installed/etc/awaitd/awaitd.json

need_root() { [ "$(id -u)" -eq 0 ] || skip 'it takes root'; }
need_base() { [ -f "$base/etc/debian_version" ] || skip "no clean root; packaging.root_$suite says why"; }

# setting FILE KEY: of a unit file, the last that is given
setting() { sed -n "s/^$2=//p" "$1" | tail -n 1; }

# in_root ROOT COMMAND...: with nothing of our environment
in_root() {
  local root=$1
  shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}

# apt in that root finds packages the way that apt does here
apt_in() {
  local root=$1
  shift
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  apt-config dump Acquire >"$root/etc/apt/apt.conf.d/99acquire"
  in_root "$root" apt-get -qq -o Dpkg::Use-Pty=0 --no-install-recommends --yes "$@" 2>&1
}

# listening FILE: the URL in the start-up line that awaitd wrote there
listening() { grep -o 'http://[^ "]*' "$1" | head -n 1; }

# What is left of awaitd in a root; what apt and dpkg remember of their own work does not count.
leftovers() {
  find "$1" -xdev \( -path "$1/var/log" -o -path "$1/var/cache" -o -path "$1/tmp" \) -prune \
    -o -name '*awaitd*' -print
}
