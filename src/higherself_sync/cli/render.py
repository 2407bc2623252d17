"""What a person sees: tables and a progress bar on a terminal, plain text elsewhere. Only this file imports rich."""

import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

import typer

from higherself_sync.errors import ConfigError
from higherself_sync.secret import redact

if TYPE_CHECKING:
    from higherself_sync.cast import Progress

Row: TypeAlias = Sequence[str]
MARKS = {"ok": "ok", "warn": "warning", "fail": "FAIL"}


def on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()  # None: closed by whoever started this


def say(text: str = "") -> None:
    """A line on stdout. A reader who has seen enough stops nothing; raises ConfigError where nothing can be written."""
    try:
        typer.echo(redact(text))
    except BrokenPipeError:
        hush(sys.stdout)
    except OSError as error:
        hush(sys.stdout)
        remedy = "free space there; what was done is done, and `hsn status` tells of it"
        raise ConfigError(f"cannot be written to: {error.strerror}", place="stdout", remedy=remedy) from error


def hush(stream: TextIO) -> None:
    """From here on, what is written there goes nowhere: Python would try once more at the end, and fail aloud."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def table(columns: Row, rows: Sequence[Row], title: str = "") -> None:
    """With lines and colour on a terminal; elsewhere columns of plain text."""
    if on_terminal():
        _rich_table(columns, rows, title)
        return
    if title:
        say(title)
    widths = [max(len(row[n]) for row in (columns, *rows)) for n in range(len(columns))]
    for row in (columns, *rows):
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _rich_table(columns: Row, rows: Sequence[Row], title: str) -> None:
    """The last column may be broken into lines, between words. Where even so it does not fit, a paragraph a row."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if _narrowest(columns, rows) > console.width:
        _paragraphs(columns, rows, title, console.width)
        return
    drawn = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, show_edge=False, padding=0)
    for place, column in enumerate(columns, 1):
        drawn.add_column(column, overflow="fold", no_wrap=place < len(columns))
    for row in rows:
        drawn.add_row(*(Text(redact(cell)) for cell in row))  # Text: a value with [brackets] is no markup
    console.print(drawn)


LEAST = 24  # characters that the last column needs to be read with ease, unless all it holds is shorter


def _narrowest(columns: Row, rows: Sequence[Row]) -> int:
    """How wide a table has to be at least: a space between columns, and all but the last unbroken."""
    *fixed, last = (max(len(row[n]) for row in (columns, *rows)) for n in range(len(columns)))
    return sum(fixed) + min(last, LEAST) + len(columns) - 1


def _paragraphs(columns: Row, rows: Sequence[Row], title: str, width: int) -> None:
    if title:
        say(title)
    for row in rows:
        said = [f"{column}: {cell}" if column else cell for column, cell in zip(columns, row, strict=True) if cell]
        for first, line in enumerate(said):
            indent = "  " if first else ""
            say(textwrap.fill(line, width, initial_indent=indent, subsequent_indent="    ", break_on_hyphens=False))


@contextmanager
def progress(verbosity: int) -> Iterator[Callable[["Progress"], None]]:
    """A bar with the time left on stderr; nothing where a person does not watch."""
    if verbosity < 0 or not (on_terminal() and sys.stderr is not None and sys.stderr.isatty()):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def update(now: "Progress") -> None:
            task = tasks.get(now.stage)
            if task is None:
                task = tasks[now.stage] = bars.add_task(now.stage, total=now.total)
            bars.update(task, completed=now.done, total=now.total)

        yield update


# ------------------------------------------------------------------------------------------------- of each command


def report(found: Mapping[str, Any], notices: Sequence[str], *, verbosity: int) -> None:
    """The outcome of a run in the form of `--json`: the plan of a dry run always, the counts for whoever watches."""
    if "plan" in found:
        _plan(found)
    elif on_terminal() or verbosity > 0:
        _outcome(found)
        for line in notices:
            say(line)


def _outcome(found: Mapping[str, Any]) -> None:
    columns = ("stream", "read", "created", "updated", "archived", "unchanged", "waiting")
    rows = []
    for stream in found["streams"]:
        waiting = stream["conflicts"] + stream["set_aside"]
        changes = [_both(stream[name]) for name in ("read", "created", "updated", "archived")]
        rows.append((_name(stream), *changes, str(stream["unchanged"]), str(waiting or "")))
    table(columns, rows, "service / Notion")
    requests = ", ".join(f"{name} {count}" for name, count in found["requests"].items())
    say(f"run {found['run']}: requests {requests}; exit code {found['exit_code']}")


def _both(pair: Mapping[str, int]) -> str:
    return f"{pair['service']} / {pair['notion']}"


def _name(stream: Mapping[str, Any]) -> str:
    return f"{stream['service']}:{stream['stream']}"


def _plan(found: Mapping[str, Any]) -> None:
    for change in found["plan"]:
        where = change["service_id"] or change["page_id"] or "new"
        say(f"{change['action']} {change['side']}  {_name(change)}:{where}" + _remarks(change))
        for name, (before, after) in change["fields"].items():
            say(f"    {name}: {_value(before)} → {_value(after)}")
    cost = ", ".join(f"{name} {count}" for name, count in found["cost"].items())
    say(f"{len(found['plan'])} changes; requests: {cost or 'none'}. Nothing was written.")


def _remarks(change: Mapping[str, Any]) -> str:
    winner = f"  ({change['winner']} wins)" if change.get("winner") else ""
    return winner + ("  (mails the customer)" if change.get("mails") else "")


def _value(value: Any) -> str:
    if value is None or value == []:
        return "(empty)"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def status(found: Mapping[str, Any], *, closely: bool = False) -> None:
    """`closely`: with the window of each stream, and what waits and why."""
    columns = ("stream", "last run", "last success", "links", "to do", "aside", "conflicts")
    rows = [
        (
            _name(stream),
            _when(stream["last_run"]),
            _when(stream["last_success"]),
            *(str(stream[name]) for name in ("linked", "waiting", "set_aside", "conflicts")),
        )
        for stream in found["streams"]
    ]
    table(columns, rows)
    if closely:
        _closely(found)
    last, lock = found["last_run"], found["lock"]
    if last:
        end = f"exit code {last['exit_code']}" if last["finished"] else "not ended, or killed"
        say(f"last run {last['run']}: {_when(last['started'])} UTC, {end}")
    else:
        say("no run yet: type `hsn sync --all`")
    if lock:
        say(f"a run is under way: pid {lock['pid']}, since {_when(lock['since'])} UTC")
    say(f"state: {found['state']}")


def _closely(found: Mapping[str, Any]) -> None:
    for stream in found["streams"]:
        if "window" in stream:
            back, ahead = stream["window"]
            say(f"{_name(stream)}: {back} days back and {ahead} ahead are compared; what lies outside stays as it is")
    for each in found["problems"]:
        about = each["service_id"] or f"page {each['page_id']}"
        what = f" {each['field']}" if each["field"] else ""
        since, tries = _when(each["since"]), f", tried {each['attempts']} times" if each["attempts"] else ""
        kind = each["kind"].replace("_", " ")
        say(f"{each['id']}  {_name(each)}:{about}{what}: {kind} since {since}{tries}: {each['reason']}")


def _when(stamp: str | None) -> str:
    """`24 Nov 09:30`, in UTC: as much as a narrow terminal has room for."""
    return f"{datetime.fromisoformat(stamp):%d %b %H:%M}" if stamp else "never"


def health(checks: Sequence[Mapping[str, Any]], *, quiet: bool) -> None:
    """All checks, or with -q those that are not ok."""
    shown = [each for each in checks if not quiet or each["status"] != "ok"]
    if not shown:
        return
    rows = [(MARKS[each["status"]], each["service"] or "", each["name"], each["message"]) for each in shown]
    table(("", "service", "check", "what was found"), rows)
    for each in shown:
        if each["status"] != "ok" and each["remedy"]:
            say(f"what to do about {each['name']}: {each['remedy']}")


def conflicts(waiting: Sequence[Mapping[str, Any]]) -> None:
    if not waiting:
        say("Nothing waits for a person.")
        return
    rows = [
        (
            str(each["id"]),
            each["kind"].replace("_", " "),
            f"{_name(each)}:{each['service_id']}" if each["service_id"] else f"page {each['page_id']}",
            _when(each["since"]),
            str(each["attempts"] or ""),
            _question(each),
        )
        for each in waiting
    ]
    table(("id", "kind", "record", "since", "tries", "what"), rows)
    if any(each["kind"] == "conflict" for each in waiting):
        say("To settle a conflict: hsn resolve ID --keep notion, or --keep service")


def _question(problem: Mapping[str, Any]) -> str:
    settled = f"; {problem['decision']} will be kept" if problem["decision"] else ""
    if not problem["field"]:
        return f"{problem['reason']}{settled}"
    values = f"{_value(problem['service_value'])} in the service, {_value(problem['notion_value'])} in Notion"
    return f"{problem['field']}: {values} ({problem['reason']}{settled})"
