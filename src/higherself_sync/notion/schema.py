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
    """A column that is missing (`found` is None) or of another type."""

    column: Column
    found: str | None

    def __str__(self) -> str:
        found = f'"{self.column.title}"'
        if self.found is None:
            return f"{found} is missing (it has to be {self.column.type})"
        return f"{found} is {self.found}, and has to be {self.column.type}"


def match(
    entity: Entity,
    source: Json,
    renamed: Mapping[str, str] | None = None,
    known: Columns | None = None,
    targets: Mapping[Entity, str] | None = None,
) -> Columns:
    """The property id of each column of a data source. Raises ConfigError that lists everything that does not fit.

    A column is found by its name, else by the id it was once known by (`known`): a person may have renamed it.
    `targets`: the ids, of the database or the data source, that relations have to lead to.
    """
    found = {column: _find(column, source, known or {}) for column in columns(entity, renamed)}
    misfits = list(_misfits(found, targets or {}))
    if misfits:
        raise _error(entity, misfits)
    return MappingProxyType({column.name: each["id"] for column, each in found.items() if each is not None})


def _find(column: Column, source: Json, known: Columns) -> Json | None:
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
        elif each["type"] != column.type:
            yield Misfit(column, each["type"])
        elif column.target and not _leads_to(each["relation"], targets.get(column.target)):
            yield Misfit(column, f"a relation to something other than {TITLES[column.target]}")


def _leads_to(relation: Json, target: str | None) -> bool:
    return target is None or target in (relation.get("data_source_id"), relation.get("database_id"))


def _error(entity: Entity, misfits: Sequence[Misfit]) -> ConfigError:
    title, first = TITLES[entity], misfits[0].column
    remedy = (
        f"in Notion, give {title} these columns (`hsn init` adds what is missing); "
        f'where one has another name, say so: [notion.properties.{entity.value}] {first.name} = "its name"'
    )
    message = "; ".join(map(str, misfits))
    return ConfigError(f"{title}: {message}", place=f"[notion.databases] {entity.value}", remedy=remedy)


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
