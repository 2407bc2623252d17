"""A large first sync that is killed in the middle and goes on where it was.

    python benchmarks/large_sync.py [RECORDS] [KILL_AT]

Fills a sandbox with RECORDS (default 10,000), starts `hsn sync --all`, kills it with SIGKILL when KILL_AT (default 0.4)
of the records are linked, and lets a second run finish. Prints how long each took, records a second, and peak memory.
Exits 1 where a row is missing or doubled, or where the run after that writes anything.
"""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

HSN = Path(sys.executable).parent / "hsn"


class Town:
    """A sandbox, and hsn run against it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.config, self.state, self.url = folder / "hsn.toml", folder / "state.sqlite3", url

    def control(self, method: str, path: str, body: object = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", content, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([HSN, "--config", self.config, "sync", "--all"])

    def linked(self) -> int:
        if not self.state.exists():
            return 0
        with sqlite3.connect(f"file:{self.state}?mode=ro", uri=True) as db:
            try:
                return int(db.execute("SELECT count(*) FROM links").fetchone()[0])
            except sqlite3.OperationalError:
                return 0  # it is being made

    def timed(self) -> float:
        began = time.perf_counter()
        if self.start().wait() != 0:
            raise SystemExit("a run did not end well: see above")
        return time.perf_counter() - began


def main(records: int, share: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "hsn.toml"
        words = [HSN, "sandbox", "--port", "0", "--write-config", config, "--records", str(records)]
        began = time.perf_counter()
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as sandbox:
            assert sandbox.stdout is not None
            town = Town(Path(folder), sandbox.stdout.readline().split()[1])
            print(f"{records} records made in {time.perf_counter() - began:.0f} s", flush=True)
            try:
                return judged(town, records, share)
            finally:
                sandbox.terminate()


def judged(town: Town, records: int, share: float) -> int:
    began, run = time.perf_counter(), town.start()
    while run.poll() is None and town.linked() < records * share:
        time.sleep(0.2)
    run.kill()
    run.wait()
    halfway = town.linked()
    print(f"killed after {time.perf_counter() - began:.0f} s with {halfway} links", flush=True)
    town.control("POST", "clock", {"advance": 120})
    seconds = town.timed()
    links, peak = town.linked(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rate = (links - halfway) / seconds
    print(f"finished in {seconds:.0f} s: {links} links, {rate:.0f} a second, peak {peak:.0f} MiB", flush=True)
    wrong = doubled(town, links)
    town.control("POST", "clock", {"advance": 600})
    town.timed()
    town.control("POST", "clock", {"advance": 600})
    town.control("DELETE", "requests")
    rest = town.timed()
    writes = [each for each in town.control("GET", "requests")["requests"] if not reads(each)]
    print(f"at rest {rest:.1f} s, {len(writes)} writes; {wrong} rows missing or doubled", flush=True)
    return 1 if writes or wrong else 0


def reads(request: dict[str, Any]) -> bool:
    return request["method"] == "GET" or request["path"].endswith(("/query", "/search"))


def doubled(town: Town, links: int) -> int:
    """How many markers are in no row, or in more than one."""
    pages = town.control("GET", "dump")["notion"]["pages"]
    lines = [
        line
        for page in pages
        if "External ID" in page["properties"]
        for part in page["properties"]["External ID"]["rich_text"]
        for line in part["plain_text"].splitlines()
    ]
    return abs(links - len(set(lines))) + len(lines) - len(set(lines))


if __name__ == "__main__":
    sys.exit(
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 10_000,
            float(sys.argv[2]) if len(sys.argv) > 2 else 0.4,
        )
    )
