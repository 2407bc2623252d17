"""`hsn sync`, `pull` and `push`: one path, three directions."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from higherself_sync import log
from higherself_sync.cli import render
from higherself_sync.cli.exits import Options, complain, named, print_json, show
from higherself_sync.errors import ConfigError, HsnError, Unreachable, UsageError

if TYPE_CHECKING:
    from higherself_sync.report import Report, StreamReport

Direction: TypeAlias = Literal["both", "pull", "push"]


def command(direction: Direction) -> Callable[..., None]:
    """The body of `sync`, `pull` and `push`, which take the same options."""

    def run(
        ctx: typer.Context,
        services: Annotated[list[str] | None, typer.Argument(metavar="SERVICE", help="The services.")] = None,
        every: Annotated[bool, typer.Option("--all", help="Every configured service.")] = False,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and its cost; write nothing.")] = False,
        full: Annotated[bool, typer.Option("--full", help="Read everything, not only what changed.")] = False,
        rebuild: Annotated[
            bool, typer.Option("--rebuild", help="Set a damaged state aside, rebuild it from the markers.")
        ] = False,
        force: Annotated[bool, typer.Option("--force", help="Lift the deletion limit, this once.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
    ) -> None:
        _check(ctx.info_name or "sync", services or [], every)
        options = ctx.ensure_object(Options)
        config = options.load()
        if not config.services:
            remedy = "add a [services.NAME] table, as in config.example.toml"
            raise ConfigError("no service is configured", place=str(config.path), remedy=remedy)
        chosen = named(config, services or [])

        from higherself_sync import run as engine
        from higherself_sync.cast import Request

        request = Request(
            direction=direction, services=chosen, dry_run=dry_run, full=full, rebuild=rebuild, force=force
        )
        with log.to_file(config.log.path, debug=options.verbosity > 1), render.progress(options.verbosity) as progress:
            report = engine.run(config, request, progress)
        try:
            if as_json:
                print_json(report.as_json())
            else:
                render.report(report.as_json(), report.notices, verbosity=options.verbosity)
        finally:  # also where stdout takes nothing
            if options.verbosity >= 0:
                _complain(report)
        raise typer.Exit(report.exit_code)

    return run


def _complain(report: "Report") -> None:
    """What kept streams from their end, once where it kept several, and what newly waits for a person."""
    kept: dict[tuple[str, str], list[StreamReport]] = {}
    for each in report.streams:
        if each.error is not None:
            kept.setdefault((each.error.place, each.error.seen or each.error.message), []).append(each)
    for streams in kept.values():
        show(_of_all(streams))
    for line in report.news:
        complain(f"hsn: {line}")


def _of_all(streams: list["StreamReport"]) -> HsnError:
    """Their error; where Notion is down each tells of its own request, and the names of the databases say more."""
    error = streams[0].error
    assert error is not None
    if error.place != "notion" or not error.seen:
        return error
    from higherself_sync.notion.schema import TITLES

    titles = ", ".join(dict.fromkeys(TITLES[each.stream.entity] for each in streams))
    return Unreachable(f"{error.seen}: {titles}", place=error.place, remedy=error.remedy)


def _check(command: str, services: list[str], every: bool) -> None:
    if services and every:
        remedy = f"type `hsn {command} {services[0]}` or `hsn {command} --all`"
        raise UsageError("SERVICE and --all exclude each other", place="command line", remedy=remedy)
    if not services and not every:
        remedy = f"type `hsn {command} --all`, or name a service: `hsn {command} SERVICE`"
        raise UsageError("it is not said which services are meant", place="command line", remedy=remedy)
