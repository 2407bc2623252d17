"""`hsn init`: the databases under a Notion page, and a config that names them."""

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from higherself_sync import config as configuration
from higherself_sync.core.record import Entity
from higherself_sync.parts import open_hub
from higherself_sync.state import State


def initialise(
    path: Path,
    page: str,
    *,
    token: str | None = None,
    environ: Mapping[str, str] | None = None,
    told: Callable[[Entity, str], None] = lambda _entity, _id: None,
) -> None:
    """Make or adopt all six databases under `page` (ID or URL), and write their ids to the config at `path`.

    The config is written after each database, so a run that is killed is gone on with by the next. An existing one is
    kept as `PATH.bak`. `token`: a reference that goes into the config. Raises ConfigError, Unreachable, Unauthorised.
    """
    from higherself_sync.notion.init import initialise as make_databases

    table = configuration.read_table(path) if path.exists() else {}
    notion = table.setdefault("notion", {})
    if token is not None:
        notion["token"] = token
    config = configuration.understood(table, path, environ)
    original = path.exists()

    def save(entity: Entity, database: str) -> None:
        nonlocal original
        notion.setdefault("databases", {})[entity.value] = database
        configuration.write(path, table, keep=original)
        original = False  # from now on the file there is our own
        told(entity, database)

    with closing(State.open_readonly(config.state.path)) as state:
        cache = state.load_cache()  # knows renamed columns by their ids
    with closing(open_hub(config, {})) as hub:
        known, columns = config.notion.databases, config.notion.properties
        make_databases(hub.api, page, tuple(Entity), tuple(config.services), known, save, columns, cache)
    if original or not path.exists():
        configuration.write(path, table, keep=original)
