"""Whether a soak was flat: nothing that should not grow has grown, and all came back to rest."""
from statistics import mean, median

WARM_UP = 0.3  # of the time: pools and buffers fill to what the load needs

# How much more there may be at the end than in the middle: so much, and such a part of it. The load
# is drawn at random, so each second is different; medians of many are not. Of fewer samples than
# MANY more is allowed, by the square root: that is how chance evens out.
ALLOWED = {"rss_mb": (1.0, 0.05), "descriptors": (8, 0.1), "connections": (8, 0.1),
           "tasks": (200, 0.2), "threads": (0, 0)}
MANY = 300

# The one who asks is a connection, and is counted.
ASKING = 1


def is_at_rest(sample):
    return (sample["tasks"] == 0 and sample["in_flight"] <= ASKING
            and sample["connections"] <= ASKING)


def slope(values):
    """By least squares, per sample."""
    middle, average = (len(values) - 1) / 2, mean(values)
    over = sum((i - middle) * (value - average) for i, value in enumerate(values))
    return over / sum((i - middle) ** 2 for i in range(len(values)))


def growth(samples, name):
    """(how much it grew by its slope, by its end against its middle, how much is allowed)"""
    values = [sample[name] for sample in samples[int(len(samples) * WARM_UP):]]
    part = max(3, len(values) // 5)
    begin = (len(values) - part) // 2
    middle = median(values[begin:begin + part])
    fixed, share = ALLOWED[name]
    by_end = median(values[-part:]) - middle
    allowed = (fixed + share * middle) * max(1, MANY / len(samples)) ** 0.5
    return slope(values) * len(values) / 2, by_end, allowed


def judge_growth(samples):
    for name in ALLOWED:
        by_slope, by_end, allowed = growth(samples, name)
        # The slope of a single burst is steep: both must say that it grows.
        if min(by_slope, by_end) > allowed:
            yield f"{name} grows by {by_end:.2f} in half the time; {allowed:.2f} is allowed"


def judge_rest(before, after):
    if not is_at_rest(after):
        yield (f"not back at rest: {after['tasks']} tasks, {after['connections']} connections, "
               f"{after['in_flight']} requests")
    if after["descriptors"] > before["descriptors"]:
        yield f"{after['descriptors'] - before['descriptors']} descriptors are left"


def judge_answers(after, crowd):
    asked_for = crowd.answers.get("503", 0)
    if after["unavailable"] != asked_for:
        yield f"{after['unavailable']} answers were 503, and {asked_for} were asked for"
    for name in ("failed", "log_lines_lost", "cut_off"):
        if after[name] > 0:
            yield f"{name}: {after[name]}"
    yield from crowd.wrong


def judge(before, samples, after, crowd):
    """What is wrong, in words; nothing, if all is well."""
    return [*judge_growth(samples), *judge_rest(before, after), *judge_answers(after, crowd)]
