"""awaitd's own measure of its loop's turns, from the histogram in its /metrics."""
import re

from running import get

LONG_S = 0.005
BUCKET = re.compile(r'^(awaitd_\w*loop\w*)_bucket\{[^}]*le="([^"]+)"\} (\d+)$', re.M)


def parse(page):
    """The buckets, added up over the threads: {upper bound in seconds: turns up to it}."""
    families = {}
    for name, bound, turns in BUCKET.findall(page):
        family = families.setdefault(name, {})
        family[float(bound)] = family.get(float(bound), 0) + int(turns)
    names = sorted(families, key=lambda name: "turn" not in name)
    return families[names[0]] if names else {}


def read(running):
    return parse(get(running, "/metrics")[1].decode())


def between(before, after):
    """Figures of the turns from one reading to the next. A turn is over the limit when it is beyond
    the largest bound that is not above the limit; the longest is known up to its bucket's bound,
    and to none when that is endless."""
    new = {bound: after[bound] - before.get(bound, 0) for bound in sorted(after)}
    if not new or not any(bound <= LONG_S for bound in new):
        return {}
    all_turns = max(new.values())
    below = max(bound for bound in new if bound <= LONG_S)
    longest_s = min(bound for bound, turns in new.items() if turns == all_turns)
    return {"turns": all_turns, "turns_over_5ms": all_turns - new[below],
            "longest_turn_ms": 1000 * longest_s if longest_s != float("inf") else None}
