"""The arithmetic of the goals, on results made by hand; no miss is hidden."""
import unittest

import fixture
import goals
import report
from results import Results


def find(results, work, what):
    found = [goal for goal in goals.reckon(results) if (goal.work, goal.what) == (work, what)]
    assert len(found) == 1, (work, what, found)
    return found[0]


def printed(print_something, results):
    lines = []
    print_something(results, lines.append)
    return "\n".join(lines)


class Goals(unittest.TestCase):
    def setUp(self):
        self.results = fixture.results()

    def hi(self, other):
        return find(self.results, "/hi, 64 connections", f"requests per CPU second, {other}'s")

    def waiting(self, what):
        return find(self.results, "15,000 in flight, 1 s", what)

    def test_a_ratio_is_one_of_the_same_round(self):
        self.assertEqual(self.hi("rust-hyper").measured, 1.75)
        self.assertEqual(self.hi("go").measured, 1.25)

    def test_at_least(self):
        self.assertTrue(self.hi("rust-hyper").is_reached)
        self.assertAlmostEqual(self.hi("rust-hyper").margin, 1.75 / 1.2 - 1)
        self.assertFalse(self.hi("go").is_reached)
        self.assertAlmostEqual(self.hi("go").margin, 1.25 / 1.9 - 1)

    def test_at_most(self):
        cpu = self.waiting("CPU per request, rust-hyper's")
        self.assertEqual((cpu.measured, cpu.is_reached, cpu.margin), (0.9, True, 0.0))
        p99 = self.waiting("p99 beyond the delay, rust-hyper's")
        self.assertAlmostEqual(p99.margin, 1 - 0.4 / 0.5)

    def test_what_must_never_be_is_added_up(self):
        errors = self.waiting("errors")
        self.assertEqual((errors.measured, errors.is_reached, errors.margin), (3, False, None))
        turns = find(self.results, "/hi of 10 ms beside a million", "turns of the loop over 5 ms")
        self.assertEqual((turns.measured, turns.is_reached), (2, False))

    def test_other_figures_are_medians_of_the_rounds(self):
        took = find(self.results, "a million tasks, 100 ms", "until the last byte")
        self.assertAlmostEqual(took.measured, 0.3)
        self.assertFalse(took.is_reached)

    def test_uneven_threads_are_worth_less_than_two(self):
        two = find(self.results, "2 loop threads", "against 1, by CPU time and balance")
        self.assertAlmostEqual(two.measured, 1.8 * 0.95)
        self.assertFalse(two.is_reached)

    def test_two_threads_are_never_worth_more_than_two(self):
        rows = [dict(row, per_cpu_second=300.0) if row.get("case") == "threads-2" else row
                for row in fixture.ROWS]
        self.assertEqual(goals.speed_up(Results(fixture.MACHINE, rows)), 2)

    def test_what_others_disturbed_is_marked(self):
        self.assertTrue(find(self.results, "precision, idle", "p99 beyond the delay").is_disturbed)
        self.assertFalse(self.hi("go").is_disturbed)

    def test_nothing_measured_reaches_nothing(self):
        reckoned = goals.reckon(fixture.nothing())
        self.assertEqual(len(reckoned), len(goals.reckon(self.results)))
        self.assertEqual({goal.measured for goal in reckoned}, {None})


class Report(unittest.TestCase):
    def test_says_what_is_missed_and_by_how_much(self):
        text = printed(report.print_goals, fixture.results())
        self.assertRegex(text, r"requests per CPU second, go's +>= 1.9 x +1.25 x +NO +34 % short")
        self.assertRegex(text, r"rust-hyper's +>= 1.2 x +1.75 x +yes +46 % to spare")
        self.assertRegex(text, r"CPU per request, rust-hyper's .* yes +under 1 % to spare")
        self.assertRegex(text, r"in flight, 1 s: errors +<= 0 +3 +NO +by 3")
        self.assertRegex(text, r"requests per CPU second, fastapi's +>= 6.5 x +not measured")
        self.assertRegex(text, r"~precision, idle: early answers")

    def test_counts_what_is_reached(self):
        self.assertIn("0 of 22 goals reached", printed(report.print_goals, fixture.nothing()))
        self.assertIn("9 of 22 goals reached", printed(report.print_goals, fixture.results()))

    def test_shows_every_case_and_every_failure(self):
        text = printed(report.print_tables, fixture.results())
        for heading in ("throughput: hi-64", "in-flight: 15000", "fan-out: 1000000",
                        "scaling: threads-2"):
            self.assertIn(heading, text)
        self.assertIn("fan-out 1000000: fastapi failed: no answer in 20 s", text)


if __name__ == "__main__":
    unittest.main()
