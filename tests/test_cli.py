"""The command line: what is typed, what comes out, and with which exit code."""

import json
import os
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from higherself_sync import __version__, config, errors
from higherself_sync.cli import app, render
from higherself_sync.state import State
from tests.sandboxed import HSN, without_rights

CONFIG = """
[notion]
token = "ntn_literal_token"
base_url = "http://127.0.0.1:1/notion"
[services.shop]
kind = "woocommerce"
url = "http://127.0.0.1:1"
consumer_key = "ck_literal_key"
consumer_secret = "cs_literal_secret"
[state]
path = "state.sqlite3"
[log]
path = "hsn.log"
"""

Hsn = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hsn.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def hsn(folder: Path) -> Hsn:
    """Run a command in this process, with the config of `folder`."""

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["--config", str(folder / "hsn.toml"), *arguments], prog_name="hsn")

    return run


def script(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed script, as a shell would."""
    environ = {"HSN_CONFIG": str(folder / "hsn.toml"), "HOME": str(folder)}
    return subprocess.run([HSN, *arguments], capture_output=True, text=True, env=environ, timeout=60)


# -------------------------------------------------------------------------------------------------------------- usage


def test_the_version_is_shown() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"hsn {__version__}\n"


@pytest.mark.parametrize("command", ["sync", "pull", "push"])
def test_no_service_and_no_all_says_what_to_type(hsn: Hsn, command: str) -> None:
    done = hsn(command)
    assert done.exit_code == 2
    assert f"hsn {command} --all" in done.stderr
    assert done.stdout == ""


def test_a_service_with_all_is_a_contradiction(hsn: Hsn) -> None:
    done = hsn("sync", "shop", "--all")
    assert done.exit_code == 2
    assert "exclude each other" in done.stderr


@pytest.mark.parametrize("typed", ["shpo", "SHOP"])
@pytest.mark.parametrize("command", ["sync", "status", "health"])
def test_an_unknown_service_suggests_the_nearest(hsn: Hsn, command: str, typed: str) -> None:
    done = hsn(command, typed)
    assert done.exit_code == 2
    assert done.stderr == f"hsn: SERVICE: there is no service `{typed}`\n  what to do: did you mean `shop`?\n"


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["sync", "--all", "-v"], "hsn -v sync"),
        (["sync", "--all", "-vv"], "hsn -v sync"),
        (["health", "-q"], "hsn -q health"),
        (["status", "--config", "x.toml"], "hsn --config status"),
        (["status", "--version"], "hsn --version status"),
    ],
)
def test_a_global_option_after_the_command_is_told_where_it_goes(hsn: Hsn, arguments: list[str], right: str) -> None:
    done = hsn(*arguments, "--json")
    assert done.exit_code == 2
    assert f"it goes before the command: {right}\n" in done.stderr
    assert f"it goes before the command: {right}" in json.loads(done.stdout)["error"]["message"]
    assert "goes before" not in hsn("sync", "--nonsense").stderr


@pytest.mark.parametrize("arguments", [["sync", "--al"], ["--wrong"], ["synk"], ["resolve", "x", "--keep", "notion"]])
def test_what_cannot_be_parsed_is_a_usage_error(hsn: Hsn, arguments: list[str]) -> None:
    done = hsn(*arguments)
    assert done.exit_code == 2
    assert "Usage: hsn" in done.stderr
    assert "Traceback" not in done.stderr


# --------------------------------------------------------------------------------------------- errors and exit codes


def test_an_error_is_one_line_with_its_place_and_one_with_the_remedy(hsn: Hsn, folder: Path) -> None:
    (folder / "hsn.toml").write_text(CONFIG.replace("consumer_key", "consumer_kye"))
    done = hsn("status")
    assert done.exit_code == 4
    place = f"hsn: {folder}/hsn.toml [services.shop]"
    assert done.stderr.splitlines() == [
        f"{place} consumer_key: missing",
        "  what to do: add it: docs/configuration.md tells what it is",
        f"{place} consumer_kye: unknown key",
        "  what to do: did you mean `consumer_key`?",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["status", "--json"], 4, "config"),
        (["sync", "--all", "--json"], 4, "config"),
        (["sync", "--json"], 2, "usage"),
        (["sync", "--all", "--nonsense", "--json"], 2, "usage"),
        (["--nonsense", "sync", "--json"], 2, "usage"),
    ],
)
def test_with_json_an_error_is_one_object_on_stdout_and_a_line_on_stderr(
    hsn: Hsn, folder: Path, arguments: list[str], code: int, kind: str
) -> None:
    (folder / "hsn.toml").write_text("[notion\n")
    done = hsn(*arguments)
    body = json.loads(done.stdout)
    assert done.exit_code == body["exit_code"] == code
    assert set(body["error"]) == {"code", "message", "place", "remedy"}
    assert body["error"]["code"] == kind
    assert done.stderr


def test_the_script_and_the_runner_end_alike(hsn: Hsn, folder: Path) -> None:
    (folder / "hsn.toml").write_text(CONFIG + "[sync]\nquite = 0\n")
    inside, outside = hsn("status", "--json"), script(folder, "status", "--json")
    assert (inside.exit_code, inside.stdout) == (outside.returncode, outside.stdout)
    assert inside.stderr == outside.stderr


def test_a_place_that_the_message_begins_with_is_said_once(hsn: Hsn, monkeypatch: pytest.MonkeyPatch) -> None:
    down = errors.Unreachable("shop: GET shop.example.com/wp-json: HTTP 502", place="shop", remedy="try again")
    monkeypatch.setattr(config, "load", lambda _: (_ for _ in ()).throw(down))
    assert hsn("status").stderr.startswith("hsn: shop: GET shop.example.com/wp-json: HTTP 502\n")


def each_error() -> list[errors.HsnError]:
    found, todo = [], errors.HsnError.__subclasses__()
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__ == errors.__name__ and kind is not errors.Absent:  # others only tell more of one of these
            found.append(kind("it happened", place="somewhere", remedy="do something"))
    return found


@pytest.mark.parametrize("error", each_error(), ids=lambda error: type(error).__name__)
def test_every_error_ends_with_its_own_exit_code(
    hsn: Hsn, monkeypatch: pytest.MonkeyPatch, error: errors.HsnError
) -> None:
    monkeypatch.setattr(config, "load", lambda _: (_ for _ in ()).throw(error))
    done = hsn("status")
    assert done.exit_code == type(error).exit_code
    assert done.stderr == "hsn: somewhere: it happened\n  what to do: do something\n"


def test_a_bug_is_one_line_and_its_traceback_is_in_the_log(
    hsn: Hsn, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("higherself_sync.cli.inspect.named", lambda *_: 1 / 0)
    done = hsn("status", "--json")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "ZeroDivisionError" in done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "bug"
    line = json.loads((folder / "hsn.log").read_text())
    assert "ZeroDivisionError: division by zero" in line["traceback"]


def test_a_bug_without_a_log_file_shows_its_traceback(hsn: Hsn, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "hsn.log").mkdir()
    monkeypatch.setattr("higherself_sync.cli.inspect.named", lambda *_: 1 / 0)
    done = hsn("status")
    assert done.exit_code == 1
    assert "ZeroDivisionError: division by zero" in done.stderr


def test_ctrl_c_ends_with_130(hsn: Hsn, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("higherself_sync.cli.inspect.named", pressed)
    done = hsn("status")
    assert done.exit_code == 130
    assert "stopped" in done.stderr


def test_no_secret_is_printed(hsn: Hsn, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = config.load(folder / "hsn.toml", {}).notion.token.reveal()
    leak = errors.Unreachable(f"it answered: {token}", place="notion", remedy=token)
    monkeypatch.setattr(config, "load", lambda _: (_ for _ in ()).throw(leak))
    done = hsn("status", "--json")
    assert token not in done.stdout + done.stderr
    assert "it answered: •••" in done.stderr


# ------------------------------------------------------------------------------------------ off a terminal, no network


def test_without_any_service_it_says_what_to_add(hsn: Hsn, folder: Path) -> None:
    (folder / "hsn.toml").write_text("")
    done = hsn("sync", "--all")
    assert done.exit_code == 4
    assert "[services.NAME]" in done.stderr


def test_status_needs_neither_network_nor_secret_nor_state(hsn: Hsn, folder: Path) -> None:
    (folder / "hsn.toml").write_text(CONFIG.replace('"ck_literal_key"', '"env:NOT_SET"'))
    done = hsn("status", "--json")
    assert done.exit_code == 0, done.stderr
    body = json.loads(done.stdout)
    assert set(body) == {"state", "last_run", "lock", "streams"}
    streams = [each["stream"] for each in body["streams"]]
    assert streams == ["customers", "people", "products", "variations", "orders"]
    assert body["last_run"] is None
    assert not (folder / "state.sqlite3").exists(), "looking must not make a state file"


def test_status_is_plain_text_off_a_terminal(hsn: Hsn) -> None:
    done = hsn("status")
    assert "shop:orders" in done.stdout
    assert not set("│┃━─\x1b") & set(done.stdout)


def test_nothing_waits_at_first(hsn: Hsn) -> None:
    assert json.loads(hsn("conflicts", "--json").stdout) == {"conflicts": []}
    assert hsn("conflicts").stdout == "Nothing waits for a person.\n"


def test_resolving_what_is_not_there_is_a_usage_error(hsn: Hsn) -> None:
    done = hsn("resolve", "17", "--keep", "notion")
    assert done.exit_code == 2
    assert "hsn conflicts" in done.stderr


def test_a_closed_pipe_is_no_bug(folder: Path) -> None:
    """`hsn --help | head -1`: the reader has seen enough."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        environ = {"HSN_CONFIG": str(folder / "hsn.toml"), "HOME": str(folder)}
        done = subprocess.run([HSN, "status"], stdout=closed, stderr=subprocess.PIPE, text=True, env=environ)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["status", "status --json", "health --json", "--version", "conflicts"])
def test_a_full_disk_is_one_line(folder: Path, command: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = shell(folder, f"{command} > /dev/full")
    assert done.returncode == 4
    assert done.stderr.startswith("hsn: stdout: cannot be written to: No space left on device\n  what to do: ")
    assert done.stderr.count("\n") == 2


def test_a_full_disk_on_stderr_leaves_the_exit_code(folder: Path) -> None:
    done = shell(folder, "sync 2> /dev/full")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.mark.parametrize("command", ["status", "status --json", "conflicts", "--version"])
def test_a_closed_stdout_is_no_bug(folder: Path, command: str) -> None:
    done = shell(folder, f"{command} >&-")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_help_text_that_is_not_read_to_its_end_is_no_bug(folder: Path) -> None:
    done = shell(folder, "--help | true; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == ("0\n", "")


def shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """`hsn COMMAND`, with what a shell makes of its redirections."""
    environ = {"HSN_CONFIG": str(folder / "hsn.toml"), "HOME": str(folder)}
    words = ["bash", "-c", f"{HSN} {command}"]
    return subprocess.run(words, capture_output=True, text=True, env=environ, timeout=60)


# ------------------------------------------------------------------------------------------------ places without rights


def test_a_config_that_may_not_be_read_is_a_matter_of_configuration(folder: Path) -> None:
    (folder / "hsn.toml").chmod(0)
    done = without_rights(folder, "status")
    assert done.returncode == 4
    assert f"hsn: {folder}/hsn.toml: cannot be read: Permission denied" in done.stderr


def test_status_only_reads(folder: Path) -> None:
    with closing(State(folder / "state.sqlite3")) as state, state.transaction():
        state.begin_run("abc", datetime(2026, 11, 26, tzinfo=UTC), "both")
    before = (folder / "state.sqlite3").read_bytes()
    (folder / "state.sqlite3.lock").touch()
    for each in folder.iterdir():
        each.chmod(0o444)
    folder.chmod(0o555)
    try:
        done = without_rights(folder, "status", "--json")
    finally:
        folder.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["last_run"]["run"] == "abc"
    assert (folder / "state.sqlite3").read_bytes() == before


# ------------------------------------------------------------------------------------------------------- on a terminal


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_table_breaks_a_word_on_a_narrow_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(render, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    ran = {"last_run": "2026-11-24T09:30:00Z", "last_success": "2026-11-24T09:30:00Z"}
    counts = {"linked": 1234, "waiting": 0, "set_aside": 0, "conflicts": 0}
    streams = [{"service": "booking", "stream": "appointments", **ran, **counts}]
    render.status({"streams": streams, "last_run": None, "lock": None, "state": "state.sqlite3"})
    message = "https://shop.example.com: the key may read orders, and nothing else of all that there is"
    check = {"status": "fail", "service": "booking", "name": "credentials", "message": message, "remedy": ""}
    render.health([check], quiet=False)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= width
    words = {"booking:appointments", "1234", "24 Nov 09:30", "credentials", *message.split()}
    assert not [word for word in words if word not in shown]


@pytest.mark.parametrize("width", ["40", "80"])
def test_the_list_of_commands_is_not_cut_short(hsn: Hsn, monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)
    shown = hsn("--help").stdout.partition("Commands:")[2]
    assert "..." not in shown
    assert "…" not in shown
    assert "Create or adopt the databases in Notion and write the config." in " ".join(shown.split())
