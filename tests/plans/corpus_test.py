"""Every plan of corpus.txt against CPython, and the plans of docs/plans.md's table against their golden
ends: corpus_test.py AWAITD"""
import sys
import unittest
from pathlib import Path

from compare import difference
from service import Service

BINARY = sys.argv.pop(1)
HERE = Path(__file__).resolve().parent
PLANS = [line for line in (HERE / "corpus.txt").read_text().splitlines() if line and not line.startswith("#")]

S = 10**9
# What is said at which second, by whom; the failure; how long it takes.
GOLDEN = {
    "parallel(hi(1s),fail(500ms),hi(1s))": ("0:1H 0:2H 0:3H", "task 2 failed", 0.5),
    "group(hi(1s),fail(500ms),hi(1s))": ("0:1H 0:2H 0:3H", "task 2 failed", 0.5),
    "collect(hi(1s),fail(500ms),hi(1s))": ("0:1H 0:2H 0:3H 1:1W 1:3W", None, 1),
    "sequence(hi(1s),fail(500ms),hi(1s))": ("0:1H 1:1W 1:2H", "task 2 failed", 1.5),
    "race(hi(3s),hi(2s))": ("0:1H 0:2H 2:2W", None, 2),
    "timeout(300ms,hi(1s))": ("0:1H", "timeout after 0.300 s", 0.3),
    "limit(2,5*hi(1s))": ("0:1H 0:2H 1:1W 1:2W 1:3H 1:4H 2:3W 2:4W 2:5H 3:5W", None, 3),
    "retry(3,timeout(300ms,hi(1s)))": ("0:1H 0.3:1H 0.6:1H", "timeout after 0.300 s", 0.9),
    "sequence(catch(parallel(hi(1s),fail(500ms),hi(2s))),hi(5s))":
        ("0:1H 0:2H 0:3H 0.5:4H 1:1W 2:3W 5.5:4W", None, 5.5),
    "sequence(catch(group(hi(1s),fail(500ms),hi(2s))),hi(5s))": ("0:1H 0:2H 0:3H 0.5:4H 5.5:4W", None, 5.5),
    "sequence(catch(timeout(1s,shield(hi(2s)))),hi(3s))": ("0:1H 1:2H 2:1W 4:2W", None, 4),
}


class Corpus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(BINARY)

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__()

    def test_there_are_enough(self):
        self.assertGreaterEqual(len(set(PLANS)), 60)

    def test_as_cpython(self):
        for plan in PLANS:
            with self.subTest(plan):
                self.assertIsNone(difference(self.service, plan))

    def test_golden_ends(self):
        for plan, (said, failure, elapsed) in GOLDEN.items():
            with self.subTest(plan):
                words, failed, took = self.service.run(plan)
                self.assertEqual(" ".join(f"{at / S:g}:{task}{word[0]}" for at, task, word in words), said)
                self.assertEqual((failed, took), (failure, round(elapsed * S)))

    def test_a_difference_is_found(self):
        """One word more, or one nanosecond, and the comparison says so."""
        said, failure, elapsed = self.service.run("hi(1s)")

        class Off:
            program = self.service.program

            @staticmethod
            def run(_, run=(said + said[:1], failure, elapsed)):
                return run
        self.assertIn("asyncio:", difference(Off, "hi(1s)"))
        self.assertIn("asyncio:", difference(self.service_late(said, failure, elapsed + 1), "hi(1s)"))

    def service_late(self, *run):
        class Late:
            program = self.service.program

            @staticmethod
            def run(_):
                return run
        return Late


if __name__ == "__main__":
    unittest.main()
