"""The verdict sees what it is there for: growth, what is left, and answers that nobody asked for."""
import random
import unittest

import picture
import verdict

REST = {"at_seconds": 0, "rss_mb": 8.0, "descriptors": 24, "threads": 5, "cpu_seconds": 0.1,
        "tasks": 0, "in_flight": 1, "connections": 1, "requests": 0, "refused": 0,
        "unavailable": 0, "failed": 0, "left": 0, "cut_off": 0, "slow_turns": 0,
        "log_lines_lost": 0}


class Crowd:
    def __init__(self):
        self.answers, self.visits, self.wrong = {"200": 9, "503": 2}, {}, []


def samples(count=300, **growth):
    """Noise of a tenth, and of `growth` so much more by the end."""
    random.seed(2)
    usual = {"rss_mb": 12.0, "descriptors": 100, "connections": 80, "tasks": 2000, "threads": 5}
    made = []
    for i in range(count):
        noise = 1 + random.uniform(-0.1, 0.1)
        of_each = {name: value * (noise if name in ("tasks", "connections", "descriptors") else 1)
                   + growth.get(name, 0) * i / count for name, value in usual.items()}
        made.append({**REST, **of_each, "at_seconds": i, "requests": 50 * i})
    return made


def judge(during, crowd=None, **after):
    return verdict.judge(REST, during, {**REST, "unavailable": 2, **after}, crowd or Crowd())


class VerdictTest(unittest.TestCase):
    def test_noise_is_flat(self):
        self.assertEqual(judge(samples()), [])

    def test_twenty_samples_are_enough(self):
        self.assertEqual(judge(samples(20)), [])

    def test_growth_is_seen(self):
        for name, by in {"rss_mb": 10, "descriptors": 150, "connections": 150, "tasks": 6000,
                         "threads": 4}.items():
            faults = judge(samples(**{name: by}))
            self.assertEqual([fault.split()[0] for fault in faults], [name])

    def test_a_warm_up_is_no_growth(self):
        during = samples()
        for i in range(75):
            during[i]["rss_mb"] = 4 + i / 10
        self.assertEqual(judge(during), [])

    def test_what_is_left_is_seen(self):
        for left in ({"tasks": 1}, {"connections": 2}, {"in_flight": 2}, {"descriptors": 25}):
            self.assertEqual(len(judge(samples(), **left)), 1, left)

    def test_answers_that_nobody_asked_for_are_seen(self):
        for wrong in ({"unavailable": 3}, {"failed": 1}, {"cut_off": 1}, {"log_lines_lost": 1}):
            self.assertEqual(len(judge(samples(), **wrong)), 1, wrong)

    def test_a_wrong_answer_is_a_fault(self):
        crowd = Crowd()
        crowd.wrong.append("errs: AssertionError: status 200")
        self.assertEqual(judge(samples(), crowd), crowd.wrong)

    def test_the_picture_has_every_panel(self):
        head = {"visits_per_second": 60, "cpu": "a & b", "system": "c", "measured": "d"}
        drawn = picture.draw(head, samples())
        self.assertEqual(drawn.count("<polyline"), len(picture.PANELS))
        self.assertIn("a &amp; b", drawn)


if __name__ == "__main__":
    unittest.main()
