"""`hsn status`, `health`, `conflicts` and `resolve`: looking, and settling what waits for a person."""

from contextlib import closing
from typing import Annotated

import typer

from higherself_sync import log
from higherself_sync.cli import render
from higherself_sync.cli.exits import Options, named, print_json
from higherself_sync.core.record import Side

Service = Annotated[str | None, typer.Argument(metavar="SERVICE", help="Only this service.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


def status(ctx: typer.Context, service: Service = None, as_json: Json = False) -> None:
    """Show every stream, from local state alone.

    No request is sent and no secret is looked up. For one SERVICE also what waits there, and why.
    """
    config = ctx.ensure_object(Options).load()
    chosen = named(config, [service] if service else list(config.services))
    from higherself_sync.state import State

    with closing(State.open_readonly(config.state.path)) as state:
        found = state.status_json(config)
    for part in ("streams", "problems"):
        found[part] = [each for each in found[part] if each["service"] in chosen]
    if service is None:
        del found["problems"]  # `hsn conflicts` lists them
    if as_json:
        print_json(found)
    else:
        render.status(found, closely=service is not None)


def health(ctx: typer.Context, service: Service = None, as_json: Json = False) -> None:
    """Check that everything a run needs is there.

    Token, databases and their schema, each service's credentials and edition, state, lock, and the age of the last
    complete success. Exit codes are those of a run; warnings alone exit 0.
    """
    options = ctx.ensure_object(Options)
    config = options.load()
    chosen = named(config, [service] if service else [])
    from higherself_sync.health import examine

    with log.to_file(config.log.path, debug=options.verbosity > 1):
        found = examine(config, chosen)
    if as_json:
        print_json(found.as_json())
    else:
        render.health(found.as_json()["checks"], quiet=options.verbosity < 0)
    raise typer.Exit(found.exit_code)


def conflicts(ctx: typer.Context, as_json: Json = False) -> None:
    """List what waits for a person."""
    config = ctx.ensure_object(Options).load()
    from higherself_sync.state import State

    with closing(State.open_readonly(config.state.path)) as state:
        waiting = state.conflicts()
    if as_json:
        print_json({"conflicts": waiting})
    else:
        render.conflicts(waiting)


def resolve(
    ctx: typer.Context,
    conflict: Annotated[int, typer.Argument(metavar="ID", help="The number that `hsn conflicts` shows.")],
    keep: Annotated[Side, typer.Option(help="Whose value stays.")],
) -> None:
    """Settle what waits: the next run does what was chosen."""
    options = ctx.ensure_object(Options)
    config = options.load()
    from higherself_sync.state import State

    with closing(State(config.state.path)) as state:
        state.resolve(conflict, keep)
    if render.on_terminal() or options.verbosity > 0:
        render.say(f"{conflict}: {keep.value} will be kept; the next run does it")
