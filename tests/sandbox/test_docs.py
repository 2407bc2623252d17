"""The examples of docs/sandbox.md do what the page says: each is run, as a reader would."""

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from higherself_sync.sandbox.build import build_sandbox
from higherself_sync.sandbox.faults import KINDS
from higherself_sync.sandbox.server import serve

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
CHECKED = r"--silent --show-error --fail --write-out '\n%{http_code}\n'"


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine")
def test_every_example_is_answered_with_success() -> None:
    with serve(build_sandbox()) as base_url:
        script = "\n".join(EXAMPLES).replace("http://127.0.0.1:8099", base_url)
        count = script.count("curl ")
        script = f'set -eu\ncurl() {{ command curl {CHECKED} "$@"; }}\n{script}'
        told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
        assert told.returncode == 0, told.stderr
        assert len(re.findall(r"^20[01]$", told.stdout, re.MULTILINE)) == count > 15
        log = httpx.get(f"{base_url}/_sandbox/requests").json()
    assert log == {"requests": []}, "the last example resets"


def test_every_fault_and_knob_is_on_the_page() -> None:
    for kind in KINDS:
        assert f'{{"{kind}":' in PAGE
    with serve(build_sandbox(records=0)) as base_url:
        knobs = httpx.get(f"{base_url}/_sandbox/knobs").json()
    for names in knobs.values():
        for name in names:
            assert f"`{name}`" in PAGE, name
