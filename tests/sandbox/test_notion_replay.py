"""The twin of Notion against exchanges that were recorded from the live API."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.replay_notion import ENOUGH, Recording, Tally, main, replay

RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded" / "notion"
needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"there are no recordings at {RECORDED}")


@needs_recordings
def test_the_twin_agrees_with_the_recordings() -> None:
    tally = replay(RECORDED)
    assert tally.counted > 500
    assert tally.share >= ENOUGH, "\n".join(tally.differences)


def damaged(tmp_path: Path, name: str, number: int, **changes: Any) -> Tally:
    """The tally of one recording in which one answer is not what the live API gave."""
    recording = json.loads((RECORDED / name).read_text())
    recording["exchanges"][number]["response"] |= changes
    path = tmp_path / name
    path.write_text(json.dumps(recording))
    tally = Tally()
    Recording(path).run(tally)
    return tally


@needs_recordings
@pytest.mark.parametrize(
    "changes",
    [
        {"in_trash": True},
        {"colour": "red"},
        {"url": "https://www.notion.so/Nowhere"},
        {"created_time": "2026-06-27T16:55:53.212+00:00"},
        {"parent": {"type": "page_id", "page_id": "00000000-0000-4000-8000-000000000002"}},
    ],
)
def test_the_replay_sees_what_differs(tmp_path: Path, changes: dict[str, Any]) -> None:
    tally = damaged(tmp_path, "un-test_page-test_delete_restore_page.json", 0, **changes)
    assert tally.agreed < tally.counted
    assert any(next(iter(changes)) in difference for difference in tally.differences)


@needs_recordings
def test_an_undamaged_recording_agrees(tmp_path: Path) -> None:
    tally = damaged(tmp_path, "un-test_page-test_delete_restore_page.json", 0)
    assert (tally.agreed, tally.differences) == (tally.counted, [])


def test_the_command_says_what_it_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    exchange: dict[str, Any] = {
        "method": "GET",
        "path": "/v1/pages/12345678-1234-1234-1234-123456789abc",
        "query": [],
        "notion_version": "2026-03-11",
        "request": None,
        "status": 404,
        "response": {"object": "error"},
    }
    (tmp_path / "one.json").write_text(json.dumps({"exchanges": [exchange]}))
    assert main([str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "agree 0 of 1 counted (0.0 %), 0 not counted"
    assert "status: 404, the twin 400" in lines[0]
