"""Plans that nobody wrote: random ones, from a seed.

Delays are whole nanoseconds drawn from seconds, so no two sums meet but those of a repeat, whose tasks
have one delay.
"""
import random

MANY = ("sequence", "parallel", "collect", "group", "race", "limit")
ONE = ("timeout", "catch", "retry", "shield")
MOST_RUNS = 60


class Plan:
    """Text, with how often its leaves may run."""

    def __init__(self, text, runs):
        self.text, self.runs = text, runs

    def __str__(self):
        return self.text


class Draw(random.Random):
    longest_ns = 4 * 10**9


def delay(draw):
    return f"{draw.randrange(1, draw.longest_ns)}ns"


def leaf(draw):
    return Plan(f"{draw.choice(('hi', 'hi', 'fail'))}({delay(draw)})", 1)


def several(draw, depth):
    parts, runs = [], 0
    for _ in range(draw.choice((1, 2, 2, 3, 3, 4))):
        part = plan(draw, depth - 1)
        repeat = draw.choice((1, 1, 1, 1, 2, 3))
        runs += repeat * part.runs
        parts.append(str(part) if repeat == 1 else f"{repeat}*{part}")
    return ",".join(parts), runs


def plan(draw, depth):
    if depth == 0 or draw.random() < 0.15:
        return leaf(draw)
    word = draw.choice(MANY * 2 + ONE)
    if word in MANY:
        inner, runs = several(draw, depth)
        number = f"{draw.randrange(1, 4)}," if word == "limit" else ""
        return Plan(f"{word}({number}{inner})", runs)
    inner = plan(draw, depth - 1)
    if word == "timeout":
        return Plan(f"timeout({delay(draw)},{inner})", inner.runs)
    if word == "retry":
        tries = draw.randrange(1, 4)
        return Plan(f"retry({tries},{inner})", tries * inner.runs)
    return Plan(f"{word}({inner})", inner.runs)


def plans(seed, longest_ns=Draw.longest_ns):
    """Without an end."""
    draw = Draw(seed)
    draw.longest_ns = longest_ns
    while True:
        made = plan(draw, draw.choice((2, 3, 3, 4, 5)))
        if made.runs <= MOST_RUNS:
            yield str(made)
