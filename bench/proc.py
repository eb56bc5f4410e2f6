"""What the kernel says of a process tree and of the cores: CPU seconds and memory (proc(5))."""
import os
import re
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree(pid):
    """The process and all its descendants."""
    found, pending = [], [pid]
    while pending:
        at = pending.pop()
        found.append(at)
        for children in Path(f"/proc/{at}/task").glob("*/children"):
            pending += [int(child) for child in read(children).split()]
    return found


def read(path):
    """A file of /proc, or nothing when the process has gone."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def cpu_seconds(pid):
    """User and system time of the tree, with that of its threads that have ended."""
    ticks = 0
    for at in tree(pid):
        fields = read(f"/proc/{at}/stat").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12]) if fields else 0
    return ticks / TICKS_PER_SECOND


def thread_cpu_seconds(pid):
    """Thread by thread and to the nanosecond, for runs that are shorter than a tick."""
    threads = {}
    for at in tree(pid):
        for schedstat in Path(f"/proc/{at}/task").glob("*/schedstat"):
            text = read(schedstat)
            if text:
                threads[int(schedstat.parent.name)] = int(text.split()[0]) / 1e9
    return threads


def memory_mb(pid, field):
    """VmRSS or VmHWM (the peak) of the tree, in MB of 1,000,000 bytes."""
    kib = 0
    for at in tree(pid):
        match = re.search(rf"^{field}:\s+(\d+) kB", read(f"/proc/{at}/status"), re.M)
        kib += int(match.group(1)) if match else 0
    return kib * 1024 / 1e6


def reset_peak(pid):
    for at in tree(pid):
        try:
            Path(f"/proc/{at}/clear_refs").write_text("5")
        except OSError:
            pass  # it has gone, and has no peak


def busy_seconds(cores):
    """What these cores have worked since the boot, for anybody."""
    ticks = 0
    for line in read("/proc/stat").splitlines():
        name, *fields = line.split()
        if name in {f"cpu{core}" for core in cores}:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
            ticks += user + nice + system + irq + softirq + steal
    return ticks / TICKS_PER_SECOND
