"""A file of results: JSON lines, of which the first tells the machine and each other is one
measurement of one server. Medians are over rounds; a ratio is one of the same round."""
import json
import statistics
from pathlib import Path

from running import Failure


class Results:
    def __init__(self, machine, rows):
        self.machine, self.rows = machine, rows

    @staticmethod
    def load(path):
        try:
            machine, *rows = map(json.loads, Path(path).read_text(encoding="utf-8").splitlines())
        except ValueError as error:
            raise Failure(f"{path} is no file of results: {error}") from error
        return Results(machine, rows)

    def of(self, scenario, case, server):
        """Its good rows, by round."""
        return {row["round"]: row for row in self.rows
                if (row["scenario"], row.get("case"), row["server"]) == (scenario, case, server)
                and "failed" not in row}

    def values(self, scenario, case, server, field):
        rows = self.of(scenario, case, server).values()
        return [row[field] for row in rows if row.get(field) is not None]

    def median(self, scenario, case, server, field):
        values = self.values(scenario, case, server, field)
        return statistics.median(values) if values else None

    def ratio(self, scenario, case, field, server, other):
        """The median of server / other, each of one round: what drifts from one round to the next
        drifts for both."""
        mine, theirs = self.of(scenario, case, server), self.of(scenario, case, other)
        ratios = [mine[turn][field] / theirs[turn][field] for turn in mine
                  if turn in theirs and theirs[turn][field]]
        return statistics.median(ratios) if ratios else None

    def servers(self, scenario, case):
        """Those that have a row, in the order of the table of servers."""
        named = {row["server"] for row in self.rows
                 if row["scenario"] == scenario and row.get("case") == case}
        return [name for name in self.machine["versions"] if name in named]

    def cases(self, scenario):
        rows = [row for row in self.rows if row["scenario"] == scenario and "case" in row]
        return list(dict.fromkeys(row["case"] for row in rows))

    def failures(self, scenario, server=None):
        """The rows of what went wrong, of one server or of all."""
        return [row for row in self.rows if row["scenario"] == scenario and "failed" in row
                and server in (None, row["server"])]

    def over_s(self, scenario, server):
        """How long it was given where it gave no answer; None where it always gave one."""
        return max((row["over_s"] for row in self.failures(scenario, server) if "over_s" in row),
                   default=None)

    def is_disturbed(self, scenario, case, server):
        return any(row.get("disturbed") for row in self.of(scenario, case, server).values())
