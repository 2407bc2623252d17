"""`hsn init`, `demo` and `sandbox`: from nothing to a working set-up, or to a try without any account."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from higherself_sync.cli import render
from higherself_sync.cli.exits import Options, complain


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


def demo(ctx: typer.Context) -> None:
    """See the whole story on the sandbox: no account, no network."""


def sandbox(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="0 picks a free one.", min=0, max=65535)] = 0,
    write_config: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write a config for it here; state and log go beside it.")
    ] = None,
    records: Annotated[int, typer.Option(help="Made-up records, all services together.", min=0)] = 240,
    seed: Annotated[int, typer.Option(help="Another seed makes up other records.")] = 1,
    limits: Annotated[Literal["real", "off"], typer.Option(help="Whether the twins' rate limits are real.")] = "off",
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the sandbox's records here.")] = None,
    load: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Fill the shop from list answers as WooCommerce gave them.")
    ] = None,
) -> None:
    """Run local twins of Notion and the services until stopped."""
