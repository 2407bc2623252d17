"""Every command of crontab.example runs as cron would run it: with no environment at all."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandboxed import HSN, sandbox

ROOT = Path(__file__).parent.parent
LINE = re.compile(r"^(?:\S+ +){5}(.+)$")


def commands() -> list[str]:
    lines = (ROOT / "crontab.example").read_text(encoding="utf-8").splitlines()
    return [found[1] for line in lines if not line.startswith("#") and (found := LINE.match(line))]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The config of a running sandbox."""
    with sandbox(tmp_path_factory.mktemp("cron"), "--records", "12") as ground:
        yield ground.config


def cron(command: str, config: Path) -> subprocess.CompletedProcess[str]:
    """Run it with the paths of this machine, as `env -i sh -c COMMAND`."""
    here = command.replace("/opt/hsn/.venv/bin/hsn", str(HSN)).replace("/opt/hsn/hsn.toml", str(config))
    assert "/opt/hsn" not in here
    return subprocess.run(["env", "-i", "/bin/sh", "-c", here], capture_output=True, text=True, timeout=120)


def test_the_example_has_the_commands_that_matter() -> None:
    found = " ".join(commands())
    assert len(commands()) >= 3
    assert "sync --all" in found
    assert "health" in found


@pytest.mark.parametrize("command", commands())
def test_a_command_runs_without_environment_and_without_a_word(command: str, config: Path) -> None:
    done = cron(command, config)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_problem_is_one_clear_line_and_an_exit_code(config: Path) -> None:
    broken = config.with_name("broken.toml")
    broken.write_text(
        config.read_text().replace('"cs_sandbox"', '"cs_wrong"').replace("state.sqlite3", "other.sqlite3")
    )
    done = cron(commands()[0], broken)
    assert done.returncode == 5
    assert done.stdout == ""
    first, *rest = done.stderr.splitlines()
    assert first.startswith("hsn: ")
    assert "cs_wrong" not in done.stderr
    assert [line for line in rest if line.startswith("  what to do: ")]
