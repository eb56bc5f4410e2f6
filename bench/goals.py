"""What awaitd is to reach, and what a file of results says of it: the one table of the goals."""
import statistics
from dataclasses import dataclass

ME = "awaitd"


@dataclass(frozen=True)
class Goal:
    work: str
    what: str
    limit: float
    unit: str
    measured: float = None  # None: not measured
    at_least: bool = False  # otherwise the limit is the most that it may be
    is_disturbed: bool = False

    @property
    def is_reached(self):
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def margin(self):
        """How far on the good side of the limit, as a part of it; None where that has no parts."""
        if self.limit == 0:
            return None
        part = self.measured / self.limit
        return part - 1 if self.at_least else 1 - part


def speed_up(results):
    """Two loop threads on two cores against one: CPU seconds buy as many requests as with one
    thread, or fewer where threads get in each other's way; and two threads are worth two only as
    far as they share the work evenly. Measured from CPU time, since the load takes its part of both
    cores and would be all that requests per second showed. Two are never worth more than two:
    beyond it is noise."""
    one, two = (results.of("scaling", f"threads-{n}", ME) for n in (1, 2))
    speed_ups = []
    for turn in one.keys() & two.keys():
        gain = two[turn]["per_cpu_second"] / one[turn]["per_cpu_second"]
        speed_ups.append(min(2, gain * two[turn]["balance"]))
    return statistics.median(speed_ups) if speed_ups else None


class Table:
    """Makes goals of one file of results."""

    def __init__(self, results):
        self.results, self.goals = results, []

    def _add(self, work, what, limit, unit, measured, places, at_least=False):
        disturbed = any(self.results.is_disturbed(*place) for place in places)
        self.goals.append(Goal(work, what, limit, unit, measured, at_least, disturbed))

    def ratio(self, work, what, scenario, case, field, other, limit, at_least=False):
        measured = self.results.ratio(scenario, case, field, ME, other)
        self._add(work, f"{what} {other}'s", limit, "x", measured,
                  [(scenario, case, ME), (scenario, case, other)], at_least)

    def most(self, work, what, scenario, case, field, limit, unit, over_rounds="median"):
        """The median of the rounds, their sum (of what must never be), or the worst of them."""
        values = self.results.values(scenario, case, ME, field)
        fold = {"median": statistics.median, "sum": sum, "worst": max}[over_rounds]
        self._add(work, what, limit, unit, fold(values) if values else None,
                  [(scenario, case, ME)])

    def scaling(self, limit):
        self._add("2 loop threads", "against 1, by CPU time and balance", limit, "x",
                  speed_up(self.results), [("scaling", f"threads-{n}", ME) for n in (1, 2)], True)


def reckon(results):
    table = Table(results)
    for other, limit in (("rust-hyper", 1.2), ("go", 1.9), ("fastapi", 6.5),
                         ("libh2o-untrimmed", 1.0)):
        table.ratio("/hi, 64 connections", "requests per CPU second,", "throughput", "hi-64",
                    "per_cpu_second", other, limit, at_least=True)
    table.ratio("/hi, 512 connections", "requests per CPU second,", "throughput", "hi-512",
                "per_cpu_second", "rust-hyper", 1.1, at_least=True)
    table.ratio("/parallel of 3, 64 connections", "requests per CPU second,", "throughput",
                "parallel-64", "per_cpu_second", "rust-hyper", 1.2, at_least=True)
    waiting = "15,000 in flight, 1 s"
    table.ratio(waiting, "CPU per request,", "in-flight", "15000", "cpu_us_per_request",
                "rust-hyper", 0.9)
    table.ratio(waiting, "p99 beyond the delay,", "in-flight", "15000", "p99_beyond_ms",
                "rust-hyper", 0.5)
    table.ratio(waiting, "peak memory,", "in-flight", "15000", "peak_mb", "rust-hyper", 0.7)
    table.most(waiting, "errors", "in-flight", "15000", "errors", 0, "", "sum")
    million = "a million tasks, 100 ms"
    table.most(million, "until the last byte", "fan-out", "1000000", "took_s", 0.25, "s")
    table.most(million, "peak memory", "fan-out", "1000000", "peak_mb", 160, "MB")
    fair = "/hi of 10 ms beside a million"
    table.most(fair, "p99", "fairness", "hi-beside-a-million", "p99_ms", 20, "ms")
    table.most(fair, "turns of the loop over 5 ms", "fairness", "hi-beside-a-million",
               "turns_over_5ms", 0, "", "sum")
    for case, name, limits in (("idle", "precision, idle", {"p50": 0.2, "p99": 1}),
                               ("10000-in-flight", "precision, 10,000 in flight", {"p99": 5})):
        table.most(name, "early answers", "precision", case, "early", 0, "", "sum")
        for field, limit in limits.items():
            table.most(name, f"{field} beyond the delay", "precision", case, f"{field}_ms", limit,
                       "ms")
    table.most("start, 2 loop threads", "to the first answer", "start", "first-answer", "ready_ms",
               10, "ms")
    table.most("start, 2 loop threads", "idle memory", "start", "first-answer", "resident_mb", 6,
               "MB")
    table.scaling(1.8)
    return table.goals
