"""Mutants: each patch in `tests/mutants/` breaks one rule of the engine, and a hunter must see it.

    python tests/mutants.py [NAME ...]

The hunter is the first state machine, or the tests that the patch names in a line `Hunted by: PATH`. Applies each patch
to a copy of the sources, runs its hunter on the copy, and prints a line a mutant. Exits 1 when one survives, or when a
hunter fails on the sources as they are: then nothing was shown.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATCHES = ROOT / "tests" / "mutants"
SLIP = re.compile(r"^E +(NameError|TypeError|AttributeError|ImportError|UnboundLocalError|SyntaxError).*", re.MULTILINE)
MACHINE = "tests/engine/test_machine.py"


def copy(to: Path) -> Path:
    """The sources and the tests, without what was recorded."""
    ignored = shutil.ignore_patterns("__pycache__", "recorded", "cassettes")
    shutil.copytree(ROOT / "src", to / "src", ignore=ignored)
    shutil.copytree(ROOT / "tests", to / "tests", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


def hunter(patch: Path) -> str:
    """Who has to see it."""
    named = re.search(r"^Hunted by: (\S+)$", patch.read_text(encoding="utf-8"), re.MULTILINE)
    return named[1] if named else MACHINE


def caught(tree: Path, by: str) -> bool:
    """Whether the hunter fails on that tree. Its first bug ends it: there is nothing to shrink for."""
    environ = {**os.environ, "PYTHONPATH": f"{tree / 'src'}{os.pathsep}{tree}", "HSN_MACHINE": "hunt"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", by]
    done = subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{by} could not run:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    if slip := SLIP.search(done.stdout):
        raise SystemExit(f"{by} only met a slip of the pen, no broken rule: {slip[0]}")
    return done.returncode == 1


def apply(patch: Path, tree: Path) -> None:
    done = subprocess.run(["git", "apply", str(patch)], cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{patch.name} does not fit the sources any more: {done.stderr}")


def main(names: list[str]) -> int:
    patches = [each for each in sorted(PATCHES.glob("*.patch")) if not names or each.stem in names]
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        as_is = copy(Path(folder) / "as-is")
        for by in sorted({hunter(patch) for patch in patches}):
            if caught(as_is, by):
                print(f"{by} fails on the sources as they are")
                return 1
        for patch in patches:
            tree = copy(Path(folder) / patch.stem)
            apply(patch, tree)
            begun = time.monotonic()
            seen = caught(tree, hunter(patch))
            print(f"{'caught  ' if seen else 'SURVIVED'} {time.monotonic() - begun:6.1f} s  {patch.stem}", flush=True)
            survivors += [] if seen else [patch.stem]
            shutil.rmtree(tree)
    print(f"{len(patches) - len(survivors)} of {len(patches)} caught")
    return 1 if survivors or not patches else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
