"""The fault matrix: whatever one request of `hsn` meets, nothing is lost or doubled after one more run.

    python tests/fault_matrix.py [KIND ...] [--scenario NAME] [--every K]

Prints a line a scenario and kind, and what was wrong in each case that failed. Exits 1 when one did. `--every K` tries
each K-th request only. See docs/testing.md.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(words: list[str]) -> int:
    from tests.matrix.fault import fault
    from tests.matrix.kinds import KINDS
    from tests.matrix.scenarios import SCENARIOS

    parser = argparse.ArgumentParser(description="every kind of trouble at every request")
    parser.add_argument("kind", nargs="*", help=", ".join(KINDS))
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS), help="may be given again")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="each K-th request only")
    given = parser.parse_args(words)
    if unknown := set(given.kind) - set(KINDS):
        parser.error(f"no kind is called {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    if given.every < 1:
        parser.error("K is a whole number from 1 on")
    begun, cases, failed = time.monotonic(), 0, 0
    for result in fault(given.scenario or list(SCENARIOS), given.kind or list(KINDS), every=given.every):
        print(result, flush=True)
        for said, wrong in result.failures.items():
            print(f"  {said}", *wrong, sep="\n    ", flush=True)
        cases, failed = cases + result.cases, failed + len(result.failures)
    print(f"{cases} cases, {failed} failed, {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main(sys.argv[1:]))
