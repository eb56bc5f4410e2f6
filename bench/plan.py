"""How long and how often: the full run, whose results are kept, and the quick one."""
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    rounds: int
    tries: int  # of a measurement that others on the machine disturb
    warm_up_s: int
    load_s: int
    in_flight_s: int
    counts: tuple
    asked_in_turn: int  # requests of the precision scenario, one after the other
    starts: int
    is_quick: bool


FULL = Plan(rounds=3, tries=3, warm_up_s=1, load_s=5, in_flight_s=10,
            counts=(10_000, 100_000, 1_000_000), asked_in_turn=50, starts=10, is_quick=False)
QUICK = Plan(rounds=1, tries=1, warm_up_s=1, load_s=2, in_flight_s=5,
             counts=(1_000_000,), asked_in_turn=25, starts=10, is_quick=True)


@dataclass
class Bench:
    """What every measurement needs to know. One server at a time runs on server_core, wrk and this
    program on load_core."""

    plan: Plan
    folder: Path  # bench/
    release: Path  # build/release, or wherever --awaitd says
    awaitd: Path
    built: Path
    logs: Path
    server_core: int
    load_core: int
    port: int
    servers: list = field(default_factory=list)
    asked_for: set = field(default_factory=set)  # by --peers, so measured in a quick run too

    @property
    def peers(self):
        return self.folder / "peers"

    @property
    def cores(self):
        return {self.server_core, self.load_core}

    def values(self, port=0):
        """What stands in braces in the table of servers."""
        return {"port": port, "peers": self.peers, "built": self.built, "awaitd": self.awaitd,
                "release": self.release}

    def wants(self, server, for_goals):
        """A quick run leaves out what no goal compares with."""
        return not self.plan.is_quick or server.name in for_goals or server.name in self.asked_for
