"""Whether a server answers as the others do. What is fast and wrong would win every comparison."""
import json

from running import get

# Some peers' timers end up to a millisecond early; that is what the precision scenario shows.
EARLY_AT_MOST_S = 0.002
HI = ["Hello", "World"]
AT_ONCE = ["Hello"] * 3 + ["World"] * 3
# endpoint, count, delay in ms, what is said, how many delays it must take one after the other
CASES = [
    ("hi", None, 20, HI, 1),
    ("hi", None, 0, HI, 0),
    ("parallel", 3, 50, AT_ONCE, 1),
    ("parallel", 3, 0, AT_ONCE, 0),
    ("sequence", 3, 20, HI * 3, 3),
]
REFUSED = ["/nothing", "/hi?delay=x&delay_ms=x", "/parallel?count=-1"]


def answers_wrong(running, case):
    endpoint, count, delay_ms, said, waits = case
    path = running.server.path(endpoint, delay_ms, count)
    status, body = get(running, path)
    if status != 200:
        return f"{path}: status {status}"
    value = json.loads(body)
    if value["output"] != said:
        return f"{path}: said {value['output']}"
    if value["elapsed_seconds"] < waits * delay_ms / 1000 - EARLY_AT_MOST_S:
        return f"{path}: was done after {value['elapsed_seconds']} s"
    return None


def accepts_wrong(running, path):
    status, _ = get(running, path)
    return None if 400 <= status < 500 else f"{path}: status {status}"


def offences(running):
    """What the server does otherwise than all must, in words; an empty list for a good one."""
    if running.server.is_floor:
        found = [answers_wrong(running, ("hi", None, 0, HI, 0))]
    else:
        found = [answers_wrong(running, case) for case in CASES]
        found += [accepts_wrong(running, path) for path in REFUSED]
    return [offence for offence in found if offence]
