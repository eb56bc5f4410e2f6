"""What the figures were measured on and with: the first line of a file of results. Nothing in it
tells which machine it was, only of which kind."""
import datetime
import os
import platform
import re
import subprocess

import install
import proc


def first(pattern, text):
    found = re.search(pattern, text, re.M)
    return found.group(1) if found else "unknown"


def said(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def versions(bench, server):
    """Of its compiler and its libraries, as Debian names them."""
    found = {}
    of_it = f"bench-{server.installed}" if server.installed else "run"
    for package in install.packages(bench, of_it):
        if package == "nodejs":  # not always Debian's
            found[package] = said("node", "--version")
        else:
            found[package] = said("dpkg-query", "-W", "-f=${Version}", package)
    return found


def describe(bench, is_full):
    memory_kib = int(first(r"^MemTotal:\s+(\d+) kB", proc.read("/proc/meminfo")))
    return {
        "measured": datetime.date.today().isoformat(),
        "full": is_full,
        "rounds": bench.plan.rounds,
        "machine": {
            "cpu": first(r"^model name\s*: (.+)$", proc.read("/proc/cpuinfo")),
            "cores": os.cpu_count(),
            "memory_gb": round(memory_kib * 1024 / 1e9, 1),
            "kernel": first(r"^(\d+(?:\.\d+)*)", platform.release()),
            "system": first(r'^PRETTY_NAME="(.+)"$', proc.read("/etc/os-release")),
        },
        "awaitd": said(bench.awaitd, "--version"),
        "revision": said("git", "-C", bench.folder, "describe", "--always", "--dirty"),
        "load": said("dpkg-query", "-W", "-f=wrk ${Version}", "wrk"),
        "versions": {server.name: versions(bench, server) for server in bench.servers},
    }
