"""What is measured, one kind a file. Each has NAME; takes(server), whether it makes sense for that
one; and measure(bench, server), which yields rows of figures, each with its "case"."""
from scenarios import fairness, fanout, inflight, precision, scaling, start, throughput

SCENARIOS = [throughput, inflight, fanout, fairness, precision, start, scaling]
BY_NAME = {scenario.NAME: scenario for scenario in SCENARIOS}
