"""The driver against a real awaitd alone, as short as wrk can: smoke_test.py AWAITD. No figure is
asserted but that there are some."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(awaitd):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results.jsonl"
        done = subprocess.run(
            ["/usr/bin/python3", "-B", ROOT / "bench", "--quick", "--seconds", "1", "--port", "0",
             "--peers", "none", "--scenarios", "throughput,start", "--awaitd", awaitd,
             "--out", out],
            capture_output=True, text=True, check=False, timeout=100)
        print(done.stdout, done.stderr)
        about, *rows = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert done.returncode == 0 and about["full"] is False
    cases = {row["case"]: row for row in rows}
    assert set(cases) == {"hi-64", "hi-512", "parallel-64", "first-answer"}, rows
    for case in ("hi-64", "hi-512", "parallel-64"):
        assert cases[case]["requests"] > 0 and cases[case]["errors"] == 0, cases[case]
    assert cases["first-answer"]["ready_ms"] > 0 and cases["first-answer"]["resident_mb"] > 0
    assert "of 22 goals reached" in done.stdout and "not measured" in done.stdout


main(sys.argv[1])
