"""The picture and README's table: well-formed, whole, and of what was kept."""
import re
import socket
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import fixture
import plot
import readme
import scale
from results import Results

LATEST = Path(__file__).resolve().parents[2] / "bench/results/latest.jsonl"
SVG = "{http://www.w3.org/2000/svg}"
# A wide letter of such a font is not wider than this part of its size, on the average of a line.
LETTER = 0.6


def sides(text):
    """The least and the greatest x that it may take."""
    length = LETTER * float(text.get("font-size")) * len(text.text)
    at = float(text.get("x"))
    left = {"start": at, "middle": at - length / 2, "end": at - length}[text.get("text-anchor")]
    return left, left + length


class Picture(unittest.TestCase):
    def check(self, results):
        drawn = plot.draw(results)
        root = ElementTree.fromstring(drawn)
        width, height = float(root.get("width")), float(root.get("height"))
        for text in root.iter(SVG + "text"):
            left, right = sides(text)
            self.assertTrue(0 <= left and right <= width, text.text)
            self.assertLess(float(text.get("y")), height, text.text)
        self.assertIn("prefers-color-scheme: dark", drawn)
        self.assertNotIn("http://", drawn.replace("http://www.w3.org/2000/svg", ""))
        return [text.text for text in root.iter(SVG + "text")]

    def test_of_results_made_by_hand(self):
        words = self.check(fixture.results())
        for word in ("awaitd", "Rust hyper", "275", "then over 20 s"):
            self.assertIn(word, words)

    def test_of_nothing(self):
        self.assertEqual(self.check(fixture.nothing()).count("not measured"), 6)

    def test_of_the_last_full_run(self):
        self.assertIn("awaitd", self.check(Results.load(LATEST)))


class Scale(unittest.TestCase):
    def test_ticks_are_few_and_within(self):
        for largest in (0.03, 1, 7.5, 99, 187_859):
            ticks = scale.Linear([largest], 100).ticks
            self.assertTrue(2 <= len(ticks) <= 5 and ticks[-1] <= largest, (largest, ticks))

    def test_logarithmic(self):
        axis = scale.Logarithmic([0.2, 50], 300)
        self.assertEqual(axis.ticks, [0.1, 1, 10, 100])
        self.assertAlmostEqual(axis.at(1), 100)


class Readme(unittest.TestCase):
    def test_the_table(self):
        lines = readme.table(fixture.results()).splitlines()
        self.assertEqual({line.count("|") for line in lines}, {len(readme.COLUMNS) + 2})
        self.assertEqual(lines[2], "| **awaitd** | 275 | 90 | 40 ms | 70 MB | 0.30 s | 120 MB |")
        without = Results(fixture.MACHINE, fixture.throughput("hi-64", "fastapi", 5.0) + [
            row for row in fixture.ROWS if "failed" in row])
        self.assertIn("| over 20 s |", readme.table(without))
        self.assertEqual(lines[3], "| Rust hyper | 150 | 100 | 100 ms | 100 MB |  |  |")


class Kept(unittest.TestCase):
    def test_nothing_tells_which_machine_it_was(self):
        text = LATEST.read_text(encoding="utf-8")
        self.assertTrue(Results.load(LATEST).machine["full"])
        self.assertIsNone(re.search(r'"[^"]*/(home|root|work|tmp|usr)\b', text))
        self.assertNotIn(f'"{socket.gethostname()}"', text)


if __name__ == "__main__":
    unittest.main()
