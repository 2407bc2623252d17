"""What the twin remembers: mutable records found by id, and the rows of each data source in order of creation."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .ids import Ids
from .texts import RichText, plain

Json = dict[str, Any]


@dataclass(slots=True)
class User:
    """A full user object, as `GET /v1/users` gives it."""

    id: str
    shape: Json

    @property
    def partial(self) -> Json:
        return {"object": "user", "id": self.id}

    @property
    def in_property(self) -> Json:
        """How `created_by`, `people` and mentions show a user: in full, but a bot without its workspace."""
        return self.shape | {"bot": {}} if self.shape["type"] == "bot" else self.shape


@dataclass(slots=True)
class Property:
    """A column. `id` is not percent-encoded. `config` by type: select, multi_select, status `{options[, groups]}`;
    number `{format}`; formula `{expression}` (as written, references by `{{id}}`); relation `{data_source_id, type,
    synced}`; rollup `{function, relation, target}`; unique_id `{prefix}`; others `{}`."""

    id: str
    name: str
    type: str
    config: Json = field(default_factory=dict)
    description: str | None = None


@dataclass(slots=True)
class Page:
    """A page or a row. `values` maps property ids to: rich text lists; option ids; lists of option, user or page ids;
    plain JSON for the rest. `computed` keeps loaded formula and rollup values that the twin cannot work out."""

    id: str
    parent: Json
    created: datetime
    edited: datetime
    born: datetime
    created_by: str
    edited_by: str
    order: int
    values: Json = field(default_factory=dict)
    computed: Json = field(default_factory=dict)
    cover: Json | None = None
    icon: Json | None = None
    in_trash: bool = False
    archived: bool = False
    locked: bool = False
    folded: dict[str, str] = field(default_factory=dict)
    """Case-folded plain text of a property, made when a filter first asks and dropped on a write."""

    @property
    def place(self) -> tuple[datetime, int]:
        return (self.created, self.order)


@dataclass(slots=True)
class DataSource:
    id: str
    database: str
    created: datetime
    edited: datetime
    created_by: str
    edited_by: str
    born: datetime
    title: list[RichText] = field(default_factory=list)
    description: list[RichText] = field(default_factory=list)
    icon: Json | None = None
    cover: Json | None = None
    in_trash: bool = False
    locked: bool = False
    properties: dict[str, Property] = field(default_factory=dict)
    last_number: int = 0
    rows: list[tuple[datetime, int, str]] = field(default_factory=list)
    """`(created, order, page id)`, ascending."""
    ordered: list[Property] = field(default_factory=list)
    """The columns in the order in which answers give them; remade by `arrange`."""

    def arrange(self) -> None:
        """Byte order of the ids, then title, then what a wiki adds."""
        last = {"title": 1, "verification": 2, "verification_owner": 3}
        self.ordered = sorted(self.properties.values(), key=lambda item: (last.get(item.id, 0), item.id.encode()))

    def named(self, key: str) -> Property | None:
        return next((item for item in self.properties.values() if item.name == key), None)


@dataclass(slots=True)
class Database:
    id: str
    parent: Json
    created: datetime
    edited: datetime
    created_by: str
    edited_by: str
    title: list[RichText] = field(default_factory=list)
    description: list[RichText] = field(default_factory=list)
    icon: Json | None = None
    cover: Json | None = None
    inline: bool = False
    in_trash: bool = False
    locked: bool = False
    shared: bool = True
    sources: list[str] = field(default_factory=list)
    touched: datetime | None = None
    """When its block was last edited: that moves, the database's own `last_edited_time` does not."""

    @property
    def name(self) -> str:
        return plain(self.title) or "New database"


@dataclass(slots=True)
class Block:
    """A block of a page's content other than a child page or a child database."""

    id: str
    parent: Json
    type: str
    content: Json
    created: datetime
    edited: datetime
    created_by: str
    edited_by: str
    in_trash: bool = False


@dataclass(slots=True)
class Store:
    ids: Ids
    users: dict[str, User] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    sources: dict[str, DataSource] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    """Ids of the blocks, pages and databases under a page or block, in order."""
    count: int = 0

    def next_order(self) -> int:
        self.count += 1
        return self.count

    def put_page(self, page: Page) -> None:
        self.pages[page.id] = page
        if page.parent["type"] == "data_source_id":
            insort(self.sources[page.parent["data_source_id"]].rows, (page.created, page.order, page.id))
        else:
            self.adopt(page.parent, page.id)

    def drop_page(self, page: Page) -> None:
        """Forget a page for good, with what is under it and what points at it."""
        self.detach(page)
        for child in self.children.pop(page.id, []):
            if child in self.pages:
                self.drop_page(self.pages[child])
            self.blocks.pop(child, None)
        del self.pages[page.id]

    def detach(self, page: Page) -> None:
        """Take a page out of the list it stands in."""
        if page.parent["type"] == "data_source_id":
            rows = self.sources[page.parent["data_source_id"]].rows
            del rows[bisect_left(rows, (page.created, page.order, page.id))]
        else:
            self.orphan(page.parent, page.id)

    def adopt(self, parent: Json, child: str) -> None:
        holder = parent.get(parent["type"])
        if isinstance(holder, str):
            self.children.setdefault(holder, []).append(child)

    def orphan(self, parent: Json, child: str) -> None:
        holder = parent.get(parent["type"])
        if isinstance(holder, str) and child in self.children.get(holder, []):
            self.children[holder].remove(child)

    def user(self, user_id: str) -> User:
        """The user, or the little that a reference tells of one who is not known."""
        return self.users.get(user_id) or User(user_id, {"object": "user", "id": user_id, "type": "person"})

    def source_of(self, page: Page) -> DataSource | None:
        if page.parent["type"] != "data_source_id":
            return None
        return self.sources[page.parent["data_source_id"]]

    def trashed(self, page: Page) -> bool:
        """A page under something trashed is itself shown as trashed."""
        return page.in_trash or self.holder_trashed(page.parent)

    def inside(self, parent: Json, container: str) -> bool:
        """Whether a place is within a page or database, however deep: neither may be put into itself."""
        holder = str(parent.get(parent["type"]))
        if holder == container:
            return True
        if holder in self.sources:
            database = self.sources[holder].database
            return self.inside({"type": "database_id", "database_id": database}, container)
        above = self.pages.get(holder) or self.databases.get(holder) or self.blocks.get(holder)
        return above is not None and self.inside(above.parent, container)

    def holder_trashed(self, parent: Json) -> bool:
        match parent["type"]:
            case "data_source_id":
                source = self.sources[parent["data_source_id"]]
                return source.in_trash or self.database_trashed(self.databases[source.database])
            case "page_id" if parent["page_id"] in self.pages:
                return self.trashed(self.pages[parent["page_id"]])
            case _:
                return False

    def database_trashed(self, database: Database) -> bool:
        return database.in_trash or self.holder_trashed(database.parent)

    def shared(self, page: Page) -> bool:
        """Whether the integration was given access; pages follow the database in which they are."""
        source = self.source_of(page)
        return source is None or self.databases[source.database].shared

    def source_trashed(self, source: DataSource) -> bool:
        return source.in_trash or self.database_trashed(self.databases[source.database])
