"""The options of script/bench, and the plan that they make."""
import argparse
import dataclasses
from pathlib import Path

import scenarios
import servers
from plan import FULL, QUICK

ABOUT = """\
Runs awaitd and the same service in other stacks side by side on this machine, and prints medians,
ratios and the goals that awaitd is to reach. Installs and builds what that takes. The server has
one core, wrk the other; everything stays on 127.0.0.1.

A full run takes about half an hour on two cores that have nothing else to do. It replaces
bench/results/latest.jsonl and latest.svg; script/readme then brings README.md in step."""
EXAMPLES = """\
examples:
  script/bench                                      all, three rounds
  script/bench --quick                              the goals only, under 2 minutes
  script/bench --peers go,rust-hyper --scenarios throughput
  script/bench --report bench/results/latest.jsonl  the tables of a run, again"""


def names_of(known):
    def names(text):
        for name in text.split(","):
            if name not in known:
                raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(known)}")
        return text.split(",")
    return names


def names_or_none_of(known):
    return lambda text: [] if text == "none" else names_of(known)(text)


def at_least_one(text):
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 to 100")
    return int(text)


def port(text):
    if not text.isdigit() or not (int(text) == 0 or 1024 <= int(text) <= 32000):
        raise argparse.ArgumentTypeError(f"'{text}' is not 0 or a port from 1024 to 32000")
    return int(text)


def parse():
    peers = [server.name for server in servers.SERVERS if not server.is_awaitd]
    parser = argparse.ArgumentParser(prog="script/bench", description=ABOUT, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true",
                        help="one short round of what the goals need; keeps no results")
    parser.add_argument("--peers", type=names_or_none_of(peers), metavar="A,B",
                        help=f"beside awaitd; none, or some of {', '.join(peers)}; default all")
    parser.add_argument("--scenarios", type=names_of(scenarios.BY_NAME), metavar="A,B",
                        default=list(scenarios.BY_NAME),
                        help=f"some of {', '.join(scenarios.BY_NAME)}; default all")
    parser.add_argument("--rounds", type=at_least_one, metavar="N",
                        help="default 3; 1 with --quick; 1 to 100")
    parser.add_argument("--tries", type=at_least_one, metavar="N",
                        help="of what others disturb; default 3; 1 with --quick; 1 to 100")
    parser.add_argument("--seconds", type=at_least_one, metavar="N",
                        help="of each load, in place of 5 (10 in flight); 1 to 100")
    parser.add_argument("--out", type=Path, metavar="FILE",
                        help="where the results go: JSON lines; without it only a full run keeps any")
    parser.add_argument("--port", type=port, default=18080, metavar="NUMBER",
                        help="the first of a dozen; 0: free ones; default 18080")
    parser.add_argument("--awaitd", type=Path, metavar="FILE",
                        help="this binary, in place of building the release preset")
    parser.add_argument("--report", type=Path, metavar="FILE",
                        help="print the tables and goals of these results, and measure nothing")
    return parser.parse_args()


def plan_of(options):
    chosen = {"rounds": options.rounds, "tries": options.tries, "load_s": options.seconds,
              "in_flight_s": options.seconds}
    return dataclasses.replace(QUICK if options.quick else FULL,
                               **{name: value for name, value in chosen.items() if value})


def is_full(options):
    """Whether the results are worth keeping: all of everything, for as long as it should take."""
    everything = options.peers is None and options.scenarios == list(scenarios.BY_NAME)
    return everything and not (options.quick or options.seconds)
