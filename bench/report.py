"""Results as text for a terminal: a table for each case, then the goals."""
import goals

# scenario: (heading, field, decimals)
COLUMNS = {
    "throughput": [("req/CPU s", "per_cpu_second", 0), ("req/s", "per_second", 0),
                   ("p50 ms", "p50_ms", 2), ("p99 ms", "p99_ms", 2), ("peak MB", "peak_mb", 1),
                   ("errors", "errors", 0)],
    "in-flight": [("CPU us/req", "cpu_us_per_request", 1), ("req/s", "per_second", 0),
                  ("p50 beyond ms", "p50_beyond_ms", 1), ("p99 beyond ms", "p99_beyond_ms", 1),
                  ("peak MB", "peak_mb", 1), ("errors", "errors", 0)],
    "fan-out": [("took s", "took_s", 3), ("CPU s", "cpu_s", 3), ("peak MB", "peak_mb", 1)],
    "fairness": [("p50 ms", "p50_ms", 2), ("p99 ms", "p99_ms", 2), ("most ms", "most_ms", 1),
                 ("answers", "requests", 0), ("millions", "millions", 0),
                 ("million took s", "million_took_s", 3), ("turns", "turns", 0),
                 ("over 5 ms", "turns_over_5ms", 0), ("longest <= ms", "longest_turn_ms", 1)],
    "precision": [("least ms", "least_ms", 3), ("p50 ms", "p50_ms", 3), ("p99 ms", "p99_ms", 3),
                  ("most ms", "most_ms", 3), ("early", "early", 0), ("answers", "answers", 0)],
    "start": [("first answer ms", "ready_ms", 1), ("least ms", "least_ms", 1),
              ("most ms", "most_ms", 1), ("idle MB", "resident_mb", 1)],
    "scaling": [("req/CPU s", "per_cpu_second", 0), ("req/s", "per_second", 0),
                ("balance", "balance", 2),
                ("p99 ms", "p99_ms", 2), ("errors", "errors", 0)],
}
DISTURBED = "~"


def number(value, decimals):
    return "-" if value is None else f"{value:,.{decimals}f}"


def aligned(rows):
    """The first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        first, *others = (cell.ljust(width) if i == 0 else cell.rjust(width)
                          for i, (cell, width) in enumerate(zip(row, widths)))
        yield "  " + "  ".join([first, *others])


def case_table(results, scenario, case):
    columns = COLUMNS[scenario]
    rows = [["", *(heading for heading, _, _ in columns), "rounds", "others"]]
    for server in results.servers(scenario, case):
        good = results.of(scenario, case, server)
        others = results.median(scenario, case, server, "others")
        mark = DISTURBED if results.is_disturbed(scenario, case, server) else ""
        rows.append([server, *(number(results.median(scenario, case, server, field), decimals)
                               for _, field, decimals in columns),
                     str(len(good)), mark + number(others and 100 * others, 0) + " %"])
    return rows


def print_tables(results, say):
    for scenario in COLUMNS:
        for case in results.cases(scenario):
            say(f"\n{scenario}: {case}")
            for line in aligned(case_table(results, scenario, case)):
                say(line)
        for row in results.failures(scenario):
            say(f"\n{scenario} {row.get('case', '')}: {row['server']} failed: {row['failed']}")


def verdict(goal):
    if goal.measured is None:
        return ["not measured", "", ""]
    decimals = 0 if goal.unit == "" else 2
    cells = [f"{number(goal.measured, decimals)} {goal.unit}".strip(),
             "yes" if goal.is_reached else "NO"]
    if goal.margin is None:
        return [*cells, "" if goal.is_reached else f"by {number(goal.measured, 0)}"]
    percent = abs(100 * goal.margin)
    side = "to spare" if goal.is_reached else "short"
    return [*cells, f"{percent:.0f} % {side}" if percent >= 1 else f"under 1 % {side}"]


def limit(goal):
    return f"{'>=' if goal.at_least else '<='} {goal.limit:g} {goal.unit}".strip()


def print_goals(results, say):
    reckoned = goals.reckon(results)
    rows = [["goal", "is to be", "measured", "reached", "by"]]
    rows += [[(DISTURBED if goal.is_disturbed else "") + f"{goal.work}: {goal.what}", limit(goal),
              *verdict(goal)] for goal in reckoned]
    say("\nThe goals")
    for line in aligned(rows):
        say(line)
    reached = sum(goal.measured is not None and goal.is_reached for goal in reckoned)
    say(f"\n{reached} of {len(reckoned)} goals reached. Medians of {results.machine['rounds']}"
        f" round(s). {DISTURBED} marks what ran beside more than 15 % of others' CPU.")
