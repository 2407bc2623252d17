"""How much memory and time it takes to plan N links, and ten times as many: memory must stay flat.

    python benchmarks/plan_memory.py [N]

Fills a state with N linked pairs that are all to be looked at and nothing to be written, then plans them, each size in
a process of its own. Prints peak memory, seconds, and the ratios between the two sizes.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from higherself_sync.bench import Bench, Seat
from higherself_sync.core.plan import Agreed, Policy
from higherself_sync.core.record import Ability, Entity, Marks, Record, Stream
from higherself_sync.reconcile import merge_rows
from higherself_sync.report import Report, StreamReport
from higherself_sync.state import State

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
STREAM = Stream(
    "shop", "customers", Entity.CLIENTS,
    {name: Ability(writable=True) for name in ("name", "email", "phone", "address")}, keyed=True,
)  # fmt: skip


class Silent:
    """A replica that is not spoken to: any request would be an error of the benchmark."""

    def server_time(self) -> datetime:
        return NOW


def fill(state: State, count: int) -> None:
    with state.transaction():
        for n in range(count):
            values = {"name": f"Kim {n}", "email": f"kim{n}@example.com", "phone": f"+49 30 {n}", "address": None}
            page = f"{n:08x}-0000-4000-8000-000000000000"
            state.store_page(Entity.CLIENTS, Record(page, values, NOW, marks=Marks((STREAM.line(str(n)),))), NOW)
            state.store_record(STREAM, Record(str(n), values, NOW), NOW)
            link = state.add_link(STREAM, str(n), page, mark_due=False, line_due=False)
            state.agree(link.id, {name: Agreed(value, value) for name, value in values.items()})


def plan(path: Path) -> None:
    """One pass over all links; prints its seconds and this process's peak memory as JSON."""
    silent = Silent()
    report = Report("benchmark", NOW, "both", streams=[StreamReport(STREAM)])
    seats = [Seat(STREAM, Policy(), silent)]  # type: ignore[arg-type]
    bench = Bench("benchmark", State(path), {Entity.CLIENTS: silent}, seats, report, NOW)  # type: ignore[dict-item]
    begun = time.perf_counter()
    merge_rows(bench, Entity.CLIENTS, lambda: None)
    seconds = time.perf_counter() - begun
    left = bench.state.work(Entity.CLIENTS, ["shop"], "", 1)
    assert not left, f"still to do: {left}"
    print(json.dumps({"seconds": seconds, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def measured(count: int, folder: Path) -> dict[str, float]:
    path = folder / f"{count}.sqlite3"
    state = State(path)
    fill(state, count)
    state.close()
    done = subprocess.run([sys.executable, __file__, "--plan", str(path)], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(count: int) -> None:
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        small, large = (measured(size, Path(folder)) for size in (count, 10 * count))
    for size, found in ((count, small), (10 * count, large)):
        print(f"{size:>9} links: {found['mib']:7.1f} MiB peak, {found['seconds']:7.2f} s")
    print(f"ratio of peaks {large['mib'] / small['mib']:.2f}, of seconds {large['seconds'] / small['seconds']:.1f}")
    print(f"in all {(datetime.now(UTC) - began) // timedelta(seconds=1)} s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--plan"]:
        plan(Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
