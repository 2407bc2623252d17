"""`hsn init`, `demo` and `sandbox`: from nothing to a working set-up, or to a try without any account."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import typer

from higherself_sync.cli import render
from higherself_sync.cli.exits import Options
from higherself_sync.core.record import Entity
from higherself_sync.errors import ConfigError, UsageError


def init(
    ctx: typer.Context,
    page: Annotated[
        str | None, typer.Option(metavar="ID|URL", help="The Notion page under which the databases are, or shall be.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(metavar="REF", help="env:NAME, file:PATH, cmd:COMMAND, or the token itself.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Create or adopt the databases in Notion and write the config."""
    if page is None:
        remedy = "in Notion, copy the link of the page that shall hold the databases: hsn init --page URL"
        raise UsageError("it is not said under which page", place="--page", remedy=remedy)
    options = ctx.ensure_object(Options)
    path = options.place()
    if not yes and sys.stdin is not None and sys.stdin.isatty():
        typer.confirm(f"Make what is missing of the databases under that page, and write {path}?", abort=True)

    from higherself_sync.setup import initialise

    def told(entity: Entity, database: str) -> None:
        if render.on_terminal() or options.verbosity > 0:
            render.say(f"{entity.value}: {database}")

    initialise(path, page, token=token, told=told)
    if render.on_terminal() or options.verbosity > 0:
        render.say(f"{path} is written. Next: add a service to it (config.example.toml), then `hsn health`.")


def demo() -> None:
    """See the whole story on the sandbox: no account, no network."""
    with _sandbox_parts(), TemporaryDirectory(prefix="hsn-demo-") as folder:
        from higherself_sync.demo import story

        broken = story.tell(Path(folder) / "hsn.toml", render.say, render.status)
    raise typer.Exit(1 if broken else 0)


def sandbox(
    port: Annotated[int, typer.Option(help="0 picks a free one.", min=0, max=65535)] = 0,
    write_config: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write a config for it here; state and log go beside it.")
    ] = None,
    records: Annotated[int, typer.Option(help="Made-up records, all services together.", min=0)] = 640,
    seed: Annotated[int, typer.Option(help="Another seed makes up other records.")] = 0,
    limits: Annotated[Literal["real", "off"], typer.Option(help="Whether the twins' rate limits are real.")] = "off",
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the sandbox's records here.")] = None,
    load: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Fill the shop from list answers as WooCommerce gave them.")
    ] = None,
) -> None:
    """Run local twins of Notion and the services until stopped."""
    with _sandbox_parts(), TemporaryDirectory(prefix="hsn-sandbox-") as folder:
        from higherself_sync.demo.stage import Wanted, staged
        from higherself_sync.sandbox.server import stop_signals

        wanted = Wanted(records, seed, limits, data, load)
        config = (write_config or Path(folder) / "hsn.toml").absolute()
        with stop_signals() as stopped, staged(wanted, config, port=port) as stage:
            render.say(f"ready {stage.url} config={config}")
            stopped.wait()


@contextmanager
def _sandbox_parts() -> Iterator[None]:
    """The sandbox's packages are an extra, which an installation for cron does not need."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        remedy = "pip install 'higherself-sync[sandbox]'"
        raise ConfigError(f"the sandbox needs {error.name}", place="hsn sandbox", remedy=remedy) from error
