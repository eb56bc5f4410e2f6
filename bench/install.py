"""Installs and builds what is compared, and asks each for the right answers; goes on without those
that fail, and says which."""
import os
import subprocess

import check
from running import Failure, Running


def environment(bench):
    """Debian's compilers, whichever others come first on the PATH; nothing in the home folder."""
    return dict(os.environ, PATH="/usr/bin:/usr/sbin:" + os.environ["PATH"],
                CARGO_HOME=str(bench.built / "cargo"), GOCACHE=str(bench.built / "go-cache"))


def run(bench, command, otherwise):
    """Keeps what it says in build.log."""
    done = subprocess.run(command, env=environment(bench), capture_output=True, text=True,
                          check=False, cwd=bench.folder.parent)
    with open(bench.logs / "build.log", "a", encoding="utf-8") as log:
        print("$", *command, done.stdout, done.stderr, sep="\n", file=log)
    if done.returncode != 0:
        raise Failure(f"{otherwise}; see build.log in {bench.logs}")
    return done.stdout


def packages(bench, name):
    """Those of a list of script/bootstrap."""
    return run(bench, ["script/bootstrap", "--list", name], "no such list").split()


def build_awaitd(bench):
    """As users do. A tree of script/test keeps its tests; a fresh one needs none."""
    fresh = [] if (bench.release / "CMakeCache.txt").exists() else ["-DAWAITD_TESTS=OFF"]
    run(bench, ["cmake", "--preset", "release", *fresh], "awaitd cannot be configured")
    run(bench, ["cmake", "--build", bench.release, "--target", "awaitd"], "awaitd cannot be built")


def prepare(bench, server):
    if server.installed:
        name = f"bench-{server.installed}"
        run(bench, ["script/bootstrap", name],
            f"cannot be installed ({' '.join(packages(bench, name))})")
    if server.build:
        run(bench, ["bash", "-ec", server.build.format(**bench.values())], "cannot be built")
    with Running(bench, server) as running:
        wrong = check.offences(running)
    if wrong:
        raise Failure("answers otherwise than the others: " + "; ".join(wrong))


def prepare_all(bench, say):
    """Leaves in bench.servers those that can be measured."""
    for server in list(bench.servers):
        try:
            prepare(bench, server)
            say(f"  {server.name}: ready, and answers as the others do")
        except (Failure, OSError, ValueError, KeyError) as failure:
            say(f"  {server.name}: goes unmeasured: {failure}")
            bench.servers.remove(server)
