"""Reads /metrics with Prometheus's own parser, checks what every page must hold to, and prints it flat.

One line for each sample: its name, its labels in alphabetical order, its value.
"""
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families


def labels_of(sample, without=()):
    return tuple(sorted((k, v) for k, v in sample.labels.items() if k not in without))


def check_histogram(family):
    buckets, counts = {}, {}
    for sample in family.samples:
        if sample.name.endswith("_bucket"):
            bound = float(sample.labels["le"])
            buckets.setdefault(labels_of(sample, ("le",)), []).append((bound, sample.value))
        elif sample.name.endswith("_count"):
            counts[labels_of(sample)] = sample.value
    assert buckets, f"{family.name} has no buckets"
    for labels, series in buckets.items():
        bounds = [bound for bound, _ in series]
        values = [value for _, value in series]
        assert bounds == sorted(bounds) and bounds[-1] == float("inf"), (family.name, bounds)
        assert values == sorted(values), f"{family.name}{labels} is not cumulative: {values}"
        assert values[-1] == counts[labels], f"{family.name}{labels}: +Inf is not the count"


def main():
    with urllib.request.urlopen(sys.argv[1]) as answer:
        kind = answer.headers["Content-Type"]
        assert kind == "text/plain; version=0.0.4; charset=utf-8", kind
        page = answer.read().decode()
    families = list(text_string_to_metric_families(page))
    assert len({family.name for family in families}) == len(families), "a family stands twice"
    for family in families:
        assert family.documentation and family.type != "unknown", family.name
        if family.type == "histogram":
            check_histogram(family)
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in labels_of(sample))
            print(f"{sample.name}{{{labels}}} {sample.value!r}")


main()
