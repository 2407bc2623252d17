"""The command line: parse, call, print, exit. The bodies import what they need, so that `--version` stays quick."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from higherself_sync import __version__
from higherself_sync.cli import inspect, render, setup, sync
from higherself_sync.cli.exits import Commands, Options

EXIT_CODES = """\b
Exit codes, the gravest wins:
  0  done
  1  a bug: the traceback is in the log file
  2  wrong usage
  4  configuration, database schema or state
  7  another run holds the lock
  6  deletions were refused as unsafe (--force lifts the limit once)
  5  Notion or a service cannot be reached or refuses the credentials
  3  finished, but something waits for a person: see `hsn status`
"""

app = typer.Typer(
    name="hsn",
    cls=Commands,
    help="Keeps Notion, the hub, and a business's services in step, in both directions.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Typer's own use of rich would cost every start a quarter of a second
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        render.say(f"hsn {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="The config file; else HSN_CONFIG, else the platform's config folder.", readable=False
        ),
    ] = None,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose", "-v", count=True, show_default=False, help="Say what was done; -vv logs at debug level."
        ),
    ] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only errors that end the run.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    ctx.obj = Options(config, -1 if quiet else verbose)


def add(name: str, body: Callable[..., None], text: str) -> None:
    """With its first sentence in the list of commands, whole: Typer would cut one short that it shortens itself."""
    first, _, more = text.partition(". ")
    app.command(name, help=text, short_help=f"{first}." if more else text)(body)


add("sync", sync.command("both"), "Keep services and Notion in step, both directions.")
add("pull", sync.command("pull"), "One direction: from services to Notion. A service gets nothing but markers.")
add("push", sync.command("push"), "One direction: from Notion to services. Notion gets only the tool's own columns.")
for command in (
    inspect.status,
    inspect.health,
    inspect.conflicts,
    inspect.resolve,
    setup.init,
    setup.demo,
    setup.sandbox,
):
    app.command(short_help=(command.__doc__ or "").partition("\n")[0])(command)
