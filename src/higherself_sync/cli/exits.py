"""The one way out: every error becomes its line on stderr, its JSON and its exit code here, and nowhere else."""

import json
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from higherself_sync import config as configuration
from higherself_sync import log, sections
from higherself_sync.cli import render
from higherself_sync.config import Config, InvalidConfig, suggestion
from higherself_sync.errors import ConfigError, HsnError, UsageError
from higherself_sync.secret import redact

INTERRUPTED, TERMINATED = 130, 143  # what shells give for a process that ended by Ctrl-C, or by SIGTERM
STOPPED = "hsn: stopped; nothing is lost, the next run goes on from here"
WANTS_JSON = "higherself_sync.json"
GLOBAL = ("--config", "-v", "--verbose", "-q", "--quiet", "--version")


@dataclass(slots=True)
class Options:
    """The global options. `verbosity`: -1 for -q, else how many -v. `log`: where a bug's traceback goes."""

    path: Path | None
    verbosity: int
    log: Path = field(default_factory=lambda: sections.Log().path)

    def load(self) -> Config:
        """The config. Raises ConfigError."""
        config = configuration.load(self.path)
        self.log = config.log.path
        return config

    def place(self) -> Path:
        """Where the config is, or shall be."""
        return configuration.place(self.path)


class Commands(TyperGroup):
    """The group of all commands. Both the script and a test's runner pass through `parse_args` and `invoke`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[WANTS_JSON] = "--json" in args
        with _out(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with _out(ctx), _told_when_terminated(ctx):
            return super().invoke(ctx)


@contextmanager
def _out(ctx: typer.Context) -> Iterator[None]:
    try:
        yield
    except typer.Exit:
        raise
    except BrokenPipeError:  # of a help text: whoever reads it has seen enough
        render.hush(sys.stdout)
        raise typer.Exit(0) from None
    except typer.TyperException as error:
        _say_where_it_goes(error)
        if ctx.meta[WANTS_JSON]:
            print_error(UsageError(error.format_message(), place="command line", remedy="see `hsn --help`"))
        raise  # Typer shows the usage and exits with 2
    except HsnError as error:
        if ctx.meta[WANTS_JSON]:
            print_error(error)
        show(error)
        raise typer.Exit(error.exit_code) from error
    except (KeyboardInterrupt, typer.Abort):
        if ctx.meta[WANTS_JSON]:
            print_json(_stopped(INTERRUPTED))
        complain(STOPPED)
        raise typer.Exit(INTERRUPTED) from None
    except Exception as error:
        bug = HsnError(f"a bug stopped this command ({type(error).__name__})", remedy=_keep_traceback(ctx, error))
        if ctx.meta[WANTS_JSON]:
            print_error(bug)
        complain(f"hsn: {bug.message}; {bug.remedy}")  # one line: this may be mailed by cron
        raise typer.Exit(bug.exit_code) from error


@contextmanager
def _told_when_terminated(ctx: typer.Context) -> Iterator[None]:
    """SIGTERM ends the process at once, as it would anyway, but not in silence."""

    def end(*_: object) -> None:
        # By the descriptors: the streams may just be writing, and cannot be entered twice.
        if ctx.meta[WANTS_JSON]:
            os.write(1, f"{json.dumps(_stopped(TERMINATED))}\n".encode())
        os.write(2, f"{STOPPED}\n".encode())
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def _stopped(exit_code: int) -> dict[str, object]:
    error = {"code": "stopped", "message": "stopped", "place": "", "remedy": "run again: nothing is lost"}
    return {"exit_code": exit_code, "error": error}


def _say_where_it_goes(error: Any) -> None:
    """Of an option that all commands have together, and that stands after one of them."""
    option, ctx = getattr(error, "option_name", None), getattr(error, "ctx", None)
    if ctx is not None and ctx.parent is not None and option in GLOBAL:
        error.message += f"; it goes before the command: {ctx.parent.info_name} {option} {ctx.info_name}"
        error.possibilities = ()  # of those that are spelt alike none is meant


def _keep_traceback(ctx: typer.Context, bug: Exception) -> str:
    """Put it into the log file, or on stderr where that cannot be, and say where it is."""
    path = (ctx.find_object(Options) or Options(None, 0)).log
    try:
        with log.to_file(path):
            logging.getLogger(__name__).error("a bug", exc_info=bug)
    except ConfigError:
        complain("".join(traceback.format_exception(bug)))
        return "please report it with the traceback above"
    return f"please report it with its traceback, which is in {path}"


def show(error: HsnError) -> None:
    """`hsn: place: message` and what to do, once for each problem of a config."""
    for each in error.problems if isinstance(error, InvalidConfig) else (error,):
        complain(f"hsn: {each.told()}")
        if each.remedy:
            complain(f"  what to do: {each.remedy}")


def complain(line: str) -> None:
    try:
        typer.echo(redact(line), err=True)
    except OSError:
        render.hush(sys.stderr)  # nobody can be told; the exit code still tells


def print_error(error: HsnError) -> None:
    print_json({"exit_code": error.exit_code, "error": error.as_json()})


def print_json(value: object) -> None:
    render.say(json.dumps(value, ensure_ascii=False))


def named(config: Config, services: list[str]) -> tuple[str, ...]:
    """The services as typed. Raises UsageError for one that is not configured, with the nearest name."""
    for name in services:
        if name not in config.services:
            raise UsageError(f"there is no service `{name}`", place="SERVICE", remedy=suggestion(name, config.services))
    return tuple(dict.fromkeys(services))
