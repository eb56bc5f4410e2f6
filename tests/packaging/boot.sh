#!/usr/bin/env bash
# Boots systemd as the first process of namespaces of its own, in the root ROOT: boot.sh ROOT. What is
# mounted here is gone with them, and they with whoever started this.
set -euo pipefail
[ "${2:-}" = inside ] || exec setpriv --pdeathsig KILL \
  unshare --mount --pid --cgroup --uts --ipc --net --fork --kill-child "$0" "$1" inside

root=$1
device() { mknod --mode=666 "$root/dev/$1" c "$2" "$3"; }
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
device null 1 3
device zero 1 5
device full 1 7
device random 1 8
device urandom 1 9
device tty 5 0
device ptmx 5 2
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"

# Not chroot: services that get a view of the files of their own need a root that is a mount.
cd "$root"
mkdir -p .outside
pivot_root . .outside
umount --lazy /.outside
rmdir /.outside
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --show-status=0 --unit=multi-user.target
