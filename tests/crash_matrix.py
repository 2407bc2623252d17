"""The crash matrix: `hsn`, killed at every request and every commit, has lost and doubled nothing after one more run.

    python tests/crash_matrix.py [SCENARIO ...] [--every K] [--twice]

Prints a line a scenario, and what was wrong after each kill that failed. Exits 1 when one did. `--every K` tries each
K-th kill only; K is odd, so that both sides of the points are met. `--twice` kills the run after the first kill too,
while it makes good what that one left. See docs/testing.md.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(words: list[str]) -> int:
    from tests.matrix.crash import crash
    from tests.matrix.scenarios import SCENARIOS

    parser = argparse.ArgumentParser(description="hsn under SIGKILL at every request and every commit")
    parser.add_argument("scenario", nargs="*", help=", ".join(SCENARIOS))
    parser.add_argument("--every", type=int, default=1, metavar="K", help="each K-th kill only; K is odd")
    parser.add_argument("--twice", action="store_true", help="kill the next run too")
    given = parser.parse_args(words)
    if unknown := set(given.scenario) - set(SCENARIOS):
        parser.error(f"no scenario is called {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    if given.every < 1 or given.every % 2 == 0:
        parser.error("K is odd, so that both sides of the points are met")
    begun, kills, failed = time.monotonic(), 0, 0
    for name in given.scenario or SCENARIOS:
        result = crash(SCENARIOS[name], every=given.every, twice=given.twice)
        print(result, flush=True)
        for said, wrong in result.failures.items():
            print(f"  {said}", *wrong, sep="\n    ", flush=True)
        kills, failed = kills + result.kills, failed + len(result.failures)
    print(f"{kills} kills, {failed} failed, {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main(sys.argv[1:]))
