"""What each database has to look like, and whether a real one does. Pure: it sees schemas as Notion gives them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import unquote

from higherself_sync.core.record import ENTITIES, EXTERNAL_ID, LAST_SYNCED, SOURCE, Entity, Field
from higherself_sync.errors import ConfigError

Json: TypeAlias = Mapping[str, Any]
Columns: TypeAlias = Mapping[str, str]  # field name -> property id, as Notion gives it

TITLES: Mapping[Entity, str] = MappingProxyType(
    {
        Entity.CLIENTS: "Clients",
        Entity.PRODUCTS: "Products",
        Entity.ORDERS: "Orders",
        Entity.APPOINTMENTS: "Appointments",
        Entity.FEEDBACK: "Feedback",
        Entity.WORKFLOWS: "Active Workflow Instances",
    }
)


INIT = "`hsn init --page PAGE` (PAGE: the link of the page that the databases are under)"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` in the config, `title` in Notion, Notion's `type`; for a relation also where it leads."""

    name: str
    title: str
    type: str
    target: Entity | None = None
    mirror: str | None = None


def columns(entity: Entity, renamed: Mapping[str, str] | None = None) -> tuple[Column, ...]:
    """The columns of an entity, the tool's own three last, under the names that the config gives them."""
    titles = renamed or {}

    def column(each: Field) -> Column:
        return Column(each.name, titles.get(each.name, each.title), each.kind.value, each.target, each.mirror)

    own = ((EXTERNAL_ID, "rich_text"), (SOURCE, "multi_select"), (LAST_SYNCED, "date"))
    return (
        *map(column, ENTITIES[entity]),
        *(Column(name, titles.get(name, title), kind) for title, kind in own for name in [_key(title)]),
    )


def _key(title: str) -> str:
    return title.lower().replace(" ", "_")


@dataclass(frozen=True, slots=True)
class Misfit:
    """A column that is missing (`found` is None), of another type, or a relation to another database (`astray`)."""

    column: Column
    found: str | None

    @property
    def astray(self) -> bool:
        return self.found == self.column.type

    def __str__(self) -> str:
        found = f'"{self.column.title}"'
        if self.found is None:
            return f"{found} is missing (it has to be {self.column.type})"
        if self.column.target is not None and self.astray:
            return f"{found} leads to another database than {TITLES[self.column.target]}"
        return f"{found} is {self.found}, and has to be {self.column.type}"


class Mismatch(ConfigError):
    """Everything about one database that does not fit."""

    def __init__(self, entity: Entity, misfits: Sequence[Misfit]) -> None:
        message = f"{TITLES[entity]}: {'; '.join(map(str, misfits))}"
        super().__init__(
            message, place=f"[notion.databases] {entity.value}", remedy="; ".join(_remedies(entity, misfits))
        )
        self.entity, self.misfits = entity, tuple(misfits)


def _remedies(entity: Entity, misfits: Sequence[Misfit]) -> Iterator[str]:
    """What to do about each kind of misfit that there is."""
    missing = [each for each in misfits if each.found is None]
    retyped = [each for each in misfits if each.found is not None and not each.astray]
    if missing:
        yield f"in Notion, give {TITLES[entity]} what is missing, or let {INIT} add it"
    if retyped:
        yield f"in Notion, give {_names(retyped)} the right type again; a new column of that name would be an empty one"
    if missing or retyped:
        first = (missing or retyped)[0].column.name
        yield f'where another column holds it, say so: [notion.properties.{entity.value}] {first} = "its name"'
    targets = dict.fromkeys(each.column.target for each in misfits if each.astray and each.column.target)
    for target in targets:
        astray = [each for each in misfits if each.astray and each.column.target is target]
        yield (
            f"see whether [notion.databases] {target.value} is the right one; if so, let {_names(astray)} in "
            f"{TITLES[entity]} lead there, or delete it and let {INIT} make it anew"
        )


def _names(misfits: Sequence[Misfit]) -> str:
    return ", ".join(f'"{each.column.title}"' for each in misfits)


def match(
    entity: Entity,
    source: Json,
    renamed: Mapping[str, str] | None = None,
    known: Columns | None = None,
    targets: Mapping[Entity, str] | None = None,
) -> Columns:
    """The property id of each column of a data source. Raises Mismatch, which lists everything that does not fit.

    A column is found by its name, else by the id it was once known by (`known`): a person may have renamed it.
    `targets`: the ids, of the database or the data source, that relations have to lead to.
    """
    found = {column: find(column, source, known or {}) for column in columns(entity, renamed)}
    misfits = list(_misfits(found, targets or {}))
    if misfits:
        raise Mismatch(entity, misfits)
    return MappingProxyType({column.name: each["id"] for column, each in found.items() if each is not None})


def find(column: Column, source: Json, known: Columns) -> Json | None:
    """The property of that name, else of the id by which the column is `known`; None where there is neither."""
    properties = source["properties"]
    named: Json | None = properties.get(column.title)
    if column.type == "title" and named is None:  # there is exactly one, whatever it is called
        return next((each for each in properties.values() if each["type"] == "title"), None)
    if named is None and column.name in known:
        wanted = unquote(known[column.name])
        return next((each for each in properties.values() if unquote(each["id"]) == wanted), None)
    return named


def _misfits(found: Mapping[Column, Json | None], targets: Mapping[Entity, str]) -> Iterator[Misfit]:
    for column, each in found.items():
        if each is None:
            yield Misfit(column, None)
        elif each["type"] != column.type or not _leads_to(each, column.target and targets.get(column.target)):
            yield Misfit(column, each["type"])


def _leads_to(cell: Json, target: str | None) -> bool:
    relation = cell.get("relation", {})
    return target is None or target in (relation.get("data_source_id"), relation.get("database_id"))


# ----------------------------------------------------------------------------------------------------------- creating


def definition(column: Column, sources: Mapping[Entity, str], source_options: Sequence[str]) -> dict[str, Any]:
    """A column as a request defines it. `sources`: the data sources that relations lead to."""
    match column.type:
        case "relation":
            assert column.target is not None
            return {"relation": {"data_source_id": sources[column.target], "dual_property": {}}}
        case "multi_select":
            return {"multi_select": {"options": [{"name": name} for name in source_options]}}
        case "number":
            return {"number": {"format": "number"}}
        case kind:
            return {kind: {}}
