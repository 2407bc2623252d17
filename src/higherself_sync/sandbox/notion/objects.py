"""How pages, data sources, databases and blocks read, with the exact key sets of the two versions served."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from . import clock
from .call import Call
from .errors import ApiError, not_found
from .rows import Rows
from .schema import Schema
from .store import Block, Database, DataSource, Json, Page, Store
from .texts import plain, words

SITE = "https://app.notion.com/p/"
_SLUG = re.compile(r"[^A-Za-z0-9_]+")


def url(title: str, object_id: str) -> str:
    """The address of a page: its title with runs of other characters as `-`, then the bare id."""
    slug = _SLUG.sub("-", title).strip("-")
    return SITE + (f"{slug}-" if slug else "") + object_id.replace("-", "")


def _slug_text(page: Page) -> str:
    """What of a title goes into the address: mentions do not (recorded)."""
    return plain(text for text in page.values.get("title") or [] if text["type"] != "mention")


class Objects:
    """Finds and shows what one caller may see."""

    def __init__(
        self, store: Store, call: Call, knobs: Mapping[str, Any], workspace_id: str, integration: tuple[str, str]
    ) -> None:
        """`integration` is its name and id, as errors tell them."""
        self.store = store
        self.call = call
        self.knobs = knobs
        self.rows = Rows(store, knobs, call.caller.sees_all, self.lost)
        self.schema = Schema(store, workspace_id, self.lost)
        self._integration = integration
        self.integration_id = integration[1]

    # ---- find ----

    def lost(self, kind: str, object_id: str) -> ApiError:
        return not_found(kind, object_id, *self._integration)

    def page(self, page_id: str) -> Page:
        page = self.store.pages.get(page_id)
        if page is None or not (self.call.caller.sees_all or self.store.shared(page)):
            raise self.lost("page", page_id)
        return page

    def source(self, source_id: str) -> DataSource:
        source = self.store.sources.get(source_id)
        if source is None or not self._shared(self.store.databases[source.database]):
            raise self.lost("data_source", source_id)
        return source

    def database(self, database_id: str) -> Database:
        database = self.store.databases.get(database_id)
        if database is None or not self._shared(database):
            raise self.lost("database", database_id)
        return database

    def block(self, block_id: str) -> Page | Database | Block | None:
        """What has that id and may be seen."""
        store = self.store
        found = store.pages.get(block_id) or store.databases.get(block_id) or store.blocks.get(block_id)
        if isinstance(found, Page) and not (self.call.caller.sees_all or store.shared(found)):
            return None
        return None if isinstance(found, Database) and not self._shared(found) else found

    def children(self, block: Page | Database | Block) -> list[Page | Database | Block]:
        """The blocks under one, in order, without the trash."""
        listed = (self.block(child) for child in self.store.children.get(block.id, ()))
        return [one for one in listed if one is not None and not one.in_trash]

    def _shared(self, database: Database) -> bool:
        return database.shared or self.call.caller.sees_all

    # ---- show ----

    def show_page(self, page: Page, only: Iterable[str] = ()) -> Json:
        source = self.store.source_of(page)
        trashed = self.store.trashed(page)
        shown = {
            "object": "page",
            "id": page.id,
            "created_time": clock.stamp(page.created),
            "last_edited_time": clock.stamp(page.edited),
            "created_by": {"object": "user", "id": page.created_by},
            "last_edited_by": {"object": "user", "id": page.edited_by},
            "cover": page.cover,
            "icon": page.icon,
            "parent": self.row_parent(source) if source else page.parent,
            "in_trash": trashed,
            "is_archived": page.archived,
            "is_locked": page.locked,
            "properties": self.rows.shown(page, source, self.call.now, only),
            "url": url(_slug_text(page), page.id),
            "public_url": None,
        }
        return self._aged(shown, trashed)

    def row_parent(self, source: DataSource) -> Json:
        return {"type": "data_source_id", "data_source_id": source.id, "database_id": source.database}

    def show_source(self, source: DataSource) -> Json:
        database = self.store.databases[source.database]
        trashed = self.store.source_trashed(source)
        shown = {
            "object": "data_source",
            "id": source.id,
            "cover": source.cover,
            "icon": source.icon,
            "created_time": clock.stamp(source.created),
            "created_by": {"object": "user", "id": source.created_by},
            "last_edited_by": {"object": "user", "id": source.edited_by},
            "last_edited_time": clock.stamp(source.edited),
            "title": source.title,
            "description": source.description,
            "is_inline": database.inline,
            "properties": self.schema.shown(source),
            "parent": {"type": "database_id", "database_id": database.id},
            "database_parent": database.parent,
            "url": url("", database.id),
            "public_url": None,
            "in_trash": trashed,
        }
        return self._aged(shown, trashed)

    def show_database(self, database: Database) -> Json:
        trashed = self.store.database_trashed(database)
        sources = [self.store.sources[one] for one in database.sources]
        shown = {
            "object": "database",
            "id": database.id,
            "title": database.title or words(database.name),
            "description": database.description,
            "parent": database.parent,
            "is_inline": database.inline,
            "in_trash": trashed,
            "is_locked": database.locked,
            "created_time": clock.fine_stamp(database.created),
            "last_edited_time": clock.fine_stamp(database.edited),
            "data_sources": [
                {"id": one.id, "name": plain(one.title) or "New database"} for one in sources if not one.in_trash
            ],
            "icon": database.icon,
            "cover": database.cover,
            "url": url("", database.id),
            "public_url": None,
        }
        return self._aged(shown, trashed)

    def show_block(self, block: Page | Database | Block) -> Json:
        match block:
            case Page():
                title = plain(block.values.get("title") or [])
                trashed = self.store.trashed(block)
                shown = self._block(block, block.edited, trashed) | {
                    "type": "child_page",
                    "child_page": {"title": title},
                }
            case Database():
                trashed = self.store.database_trashed(block)
                name = {"title": block.name}
                edited = block.touched or block.edited
                shown = self._block(block, edited, trashed) | {"type": "child_database", "child_database": name}
            case Block():
                trashed = block.in_trash
                shown = self._block(block, block.edited, trashed) | {"type": block.type, block.type: block.content}
        return self._aged(shown, trashed)

    def _block(self, block: Page | Database | Block, edited: datetime, trashed: bool) -> Json:
        source = self.store.source_of(block) if isinstance(block, Page) else None
        return {
            "object": "block",
            "id": block.id,
            "parent": self.row_parent(source) if source else block.parent,
            "created_time": clock.stamp(block.created),
            "last_edited_time": clock.stamp(edited),
            "created_by": {"object": "user", "id": block.created_by},
            "last_edited_by": {"object": "user", "id": block.edited_by},
            "has_children": bool(self.children(block)),
            "in_trash": trashed,
        }

    def _aged(self, shown: Json, trashed: bool) -> Json:
        """On 2025-09-03 `archived` still stands beside `in_trash`."""
        return shown | {"archived": trashed} if self.call.old else shown
