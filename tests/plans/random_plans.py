"""Random plans against CPython: random_plans.py AWAITD COUNT [SEED]

Without a seed one is drawn, and told, so that a failure can be seen again.
"""
import secrets
import sys

import made_up
from compare import difference
from service import Service


def main():
    binary, count = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else secrets.randbits(32)
    print(f"{count} plans of seed {seed}", flush=True)
    failures = 0
    with Service(binary) as service:
        for nth, plan in zip(range(count), made_up.plans(seed)):
            found = difference(service, plan)
            if found is not None:
                print(f"plan {nth}: {found}", flush=True)
                failures += 1
                if failures == 5:
                    break
    sys.exit(1 if failures > 0 else 0)


main()
