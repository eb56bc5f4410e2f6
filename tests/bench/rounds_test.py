"""Who is measured when, and what is measured again."""
import dataclasses
import unittest
from types import SimpleNamespace

import plan
import rounds
import turns
from running import Failure


class Scenario:
    """Gives the rows that it was made with, a list for each attempt."""

    NAME = "made-up"

    def __init__(self, *attempts):
        self.attempts, self.measured = list(attempts), []

    @staticmethod
    def takes(server):
        return server.name != "left-out"

    def measure(self, _bench, server):
        self.measured.append(server.name)
        for row in self.attempts.pop(0) if self.attempts else [{"others": 0.0}]:
            if isinstance(row, Exception):
                raise row
            yield row


def bench(rounds_to_run=1, tries=3, names="a"):
    chosen = dataclasses.replace(plan.QUICK, rounds=rounds_to_run, tries=tries)
    servers = [SimpleNamespace(name=name) for name in names.split()]
    return SimpleNamespace(plan=chosen, servers=servers)


def outcomes(rows):
    return [(row["is"], row["tries"], row["disturbed"]) for row in rows]


def run(scenario, of_bench):
    rows = []
    rounds.run(of_bench, [scenario], rows.append)
    return rows


class Rounds(unittest.TestCase):
    def test_each_server_once_a_round_in_an_order_that_moves_on(self):
        scenario = Scenario()
        rows = run(scenario, bench(3, names="a b left-out c"))
        self.assertEqual(scenario.measured, list("abc" "bca" "cab"))
        self.assertEqual([row["round"] for row in rows], [0] * 3 + [1] * 3 + [2] * 3)

    def test_what_was_disturbed_is_measured_again(self):
        rows = run(Scenario([{"others": 0.5}], [{"others": 0.1, "is": "calm"}]), bench())
        self.assertEqual(outcomes(rows), [("calm", 2, False)])

    def test_after_the_last_try_the_calmest_counts_and_is_marked(self):
        scenario = Scenario([{"others": 0.5}], [{"others": 0.2, "is": "calmest"}],
                            [{"others": 0.9}])
        rows = run(scenario, bench())
        self.assertEqual(outcomes(rows), [("calmest", 3, True)])

    def test_a_failure_is_a_row_and_takes_no_measurements_place(self):
        rows = run(Scenario([{"others": 0.0}, Failure("broke")]), bench())
        self.assertEqual([row.get("failed") for row in rows], [None, "broke"])
        rows = run(Scenario([{"others": 0.3}], [Failure("broke")]), bench(tries=2))
        self.assertEqual([row.get("failed") for row in rows], [None])


PAGE = """\
# TYPE awaitd_event_loop_lag_seconds histogram
awaitd_event_loop_lag_seconds_bucket{thread="0",le="0.0025"} %d
awaitd_event_loop_lag_seconds_bucket{thread="0",le="0.005"} %d
awaitd_event_loop_lag_seconds_bucket{thread="0",le="0.01"} %d
awaitd_event_loop_lag_seconds_bucket{thread="0",le="+Inf"} %d
"""


class Turns(unittest.TestCase):
    def between(self, before, after):
        return turns.between(turns.parse(PAGE % before), turns.parse(PAGE % after))

    def test_only_what_is_new_counts(self):
        self.assertEqual(self.between((10, 10, 10, 11), (15, 16, 16, 17)),
                         {"turns": 6, "turns_over_5ms": 0, "longest_turn_ms": 5.0})

    def test_long_turns(self):
        self.assertEqual(self.between((0, 0, 0, 0), (5, 6, 8, 8)),
                         {"turns": 8, "turns_over_5ms": 2, "longest_turn_ms": 10.0})
        self.assertIsNone(self.between((0, 0, 0, 0), (5, 6, 8, 9))["longest_turn_ms"])

    def test_a_histogram_of_turns_goes_before_others_and_threads_are_added_up(self):
        page = PAGE % (1, 1, 1, 1) + "".join(
            f'awaitd_loop_turn_seconds_bucket{{thread="{thread}",le="0.005"}} 3\n'
            for thread in "01")
        self.assertEqual(turns.parse(page), {0.005: 6})

    def test_no_histogram_says_nothing(self):
        self.assertEqual(turns.between(turns.parse(""), turns.parse("")), {})


if __name__ == "__main__":
    unittest.main()
