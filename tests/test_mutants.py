"""The mutants fit the sources, so that `python tests/mutants.py` shows something whenever it is run."""

import shutil
import subprocess
from pathlib import Path

import pytest

PATCHES = sorted((Path(__file__).parent / "mutants").glob("*.patch"))


@pytest.mark.skipif(shutil.which("git") is None, reason="git applies the patches, and is not on this machine")
@pytest.mark.parametrize("patch", PATCHES, ids=lambda each: each.stem)
def test_a_mutant_fits_the_sources_and_says_what_it_breaks(patch: Path) -> None:
    root = Path(__file__).parent.parent
    done = subprocess.run(
        ["git", "apply", "--check", str(patch)], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert patch.read_text(encoding="utf-8").partition("\n")[0].endswith(".")


def test_none_is_missing() -> None:
    assert len(PATCHES) >= 20
    assert {each.stem for each in PATCHES} >= {
        "base_from_the_whole_answer",
        "base_before_the_write",
        "cursor_before_store",
        "skip_by_author",
        "policy_without_base",
        "lost_create_sent_again",
        "streams_planned_apart",
        "source_recreates",
        "delete_beats_edit",
        "tombstone_ignored",
        "deletion_without_proof",
        "limit_ignored",
        "foreign_marker_trusted",
        "copied_marker_trusted",
        "e_mail_merge_of_two_people",
        "mirror_side_written",
        "option_matched_by_name",
        "first_contact_without_stamps",
        "settle_skipped",
        "journal_dropped",
    }


def test_the_docs_name_each_with_what_it_breaks() -> None:
    text = (Path(__file__).parent.parent / "docs" / "testing.md").read_text(encoding="utf-8")
    for patch in PATCHES:
        said = patch.read_text(encoding="utf-8").partition("\n")[0]
        assert f"| {patch.stem.replace('_', ' ')} | {said} |" in text
