"""The demo tells the whole story, and each of its claims holds."""

import subprocess
from pathlib import Path

from tests.sandboxed import HSN


def test_the_demo_holds_all_its_claims(tmp_path: Path) -> None:
    done = subprocess.run([HSN, "demo"], capture_output=True, text=True, env={"HOME": str(tmp_path)}, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    for title in (
        "The first sync",
        "nothing to do",
        "An edit in Notion reaches the shop",
        "An edit in the shop reaches Notion",
        "in different fields: both survive",
        "the loser is in the log",
        "A new row in Notion becomes a product",
        "One person buys, books twice, answers a form and a survey",
        "A session at Acuity is moved",
        "A booking at Amelia gets a status",
        "A course is reviewed",
        "A telephone number that changes at Acuity reaches the shop",
    ):
        assert title in done.stdout
    assert "shop:orders" in done.stdout.rpartition("reaches the shop, through Notion")[2], "it closes with the status"
    assert not list(tmp_path.rglob("*.sqlite3")), "it leaves nothing behind"
