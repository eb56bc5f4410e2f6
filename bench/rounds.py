"""Every server once a round, in an order that moves on; what others disturbed is done again."""
import subprocess

from running import Failure

# As a part of one core: beside more than this, a figure says too much of others.
OTHERS_AT_MOST = 0.15


def is_disturbed(row):
    return row.get("others", 0) > OTHERS_AT_MOST


def attempt(bench, scenario, server):
    """The rows; what went wrong is a row too."""
    rows = []
    try:
        for row in scenario.measure(bench, server):
            rows.append(row)
    except Failure as failure:
        rows.append({"failed": str(failure), **failure.figures})
    except subprocess.TimeoutExpired as error:
        rows.append({"failed": f"took longer than {error.timeout:.0f} s"})
    except (OSError, ValueError, KeyError) as error:
        rows.append({"failed": f"{type(error).__name__}: {getattr(error, 'strerror', error)}"})
    return rows


def worst(rows):
    """A failure takes no measurement's place."""
    return max((float("inf") if "failed" in row else row["others"] for row in rows), default=0)


def calmest(bench, scenario, server):
    """Of the tries that the plan allows, the first that nobody disturbed, or else the least."""
    best, tries = None, 0
    while tries < bench.plan.tries and (best is None or any(map(is_disturbed, best))):
        rows, tries = attempt(bench, scenario, server), tries + 1
        if best is None or worst(rows) < worst(best):
            best = rows
    return [{**row, "tries": tries, "disturbed": is_disturbed(row)} for row in best]


def run(bench, scenarios, note):
    """Calls note(row) for each row, as soon as there is one."""
    for turn in range(bench.plan.rounds):
        for scenario in scenarios:
            servers = [server for server in bench.servers if scenario.takes(server)]
            first = turn % len(servers) if servers else 0
            for server in servers[first:] + servers[:first]:
                for row in calmest(bench, scenario, server):
                    note({"scenario": scenario.NAME, "server": server.name, "round": turn, **row})
