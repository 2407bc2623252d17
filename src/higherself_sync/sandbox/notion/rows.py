"""Writing and reading the property values of a page."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from . import clock, formula, options, rollup
from .errors import ApiError, invalid, misfit
from .ids import encode
from .schema import find
from .store import DataSource, Json, Page, Property, Store
from .texts import RichText

SHOWN_AT_MOST = 25
"""A page shows no more relations and people than this; the rest comes from the property endpoint."""

_LISTS = ("title", "rich_text", "multi_select", "people", "relation", "files")


class Rows:
    def __init__(
        self, store: Store, knobs: Mapping[str, Any], sees_all: bool, lost: Callable[[str, str], ApiError]
    ) -> None:
        """`lost` makes the 404 for a kind of object and an id."""
        self._lost = lost
        self._store = store
        self._knobs = knobs
        self._sees_all = sees_all

    # ---- in ----

    def resolve(self, source: DataSource, given: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
        """Stored values by property id, options made where needed. Raises ApiError before anything is changed."""
        matched: list[tuple[Property, Any]] = []
        for key, (kind, value) in given.items():
            item = find(source, key)
            if item is None:
                raise invalid(f"{key} is not a property that exists.")
            if item.type != kind:
                raise invalid(f"{item.name} is expected to be {item.type}.")
            self._check(item, value)
            matched.append((item, value))
        return {item.id: self._stored(item, value) for item, value in matched}

    def _check(self, item: Property, value: Any) -> None:
        """What only the schema or the workspace can tell."""
        match item.type:
            case "select" | "multi_select":
                for option in [value] if isinstance(value, dict) else value or []:
                    self._check_option(item, option)
            case "status" if value is not None:
                if options.find(item.config["options"], value) is None:
                    shown = value.get("name") or value.get("id")
                    raise invalid(f'Invalid status option. Status option "{shown}" does not exist".')
            case "relation":
                for page_id in value:
                    self._check_target(item, page_id)
            case "url" | "email" | "phone_number" if value == "" and self._knobs["empty_text"] == "refuse":
                raise misfit(f"body.properties.{item.name}.{item.type}.length", "≥ `1`", 0)
            case "people":
                for user_id in value:
                    if user_id not in self._store.users:
                        raise invalid(f"Could not find user with ID: {user_id}.")
            case _:
                pass

    def _check_option(self, item: Property, option: Json) -> None:
        known = options.find(item.config["options"], option)
        if known is not None:
            if self._knobs["option_colour"] == "refuse" and option.get("color") not in (None, known["color"]):
                raise invalid("Select option color doesn't match existing")
            return
        if not isinstance(option.get("name"), str):
            raise invalid(f'{item.name}: option with id "{option["id"]}" does not exist.')
        options.check_name(option["name"], f"body.properties.{item.name}.{item.type}.name")

    def _check_target(self, item: Property, page_id: str) -> None:
        page = self._store.pages.get(page_id)
        if page is None or not (self._sees_all or self._store.shared(page)):
            raise self._lost("page", page_id)
        if page.parent.get("data_source_id") != item.config["data_source_id"]:
            raise invalid(f"Page with ID {page_id} is not a page of the data source that {item.name} points at.")

    def _stored(self, item: Property, value: Any) -> Any:
        match item.type:
            case "select":
                return None if value is None else self._option_id(item, value)
            case "multi_select":
                return list(dict.fromkeys(self._option_id(item, option) for option in value))
            case "status":
                # null does not empty a status: it becomes the default option (measured on the live service)
                return self._option_id(item, value) if value else item.config["options"][0]["id"]
            case "relation" | "people":
                return list(dict.fromkeys(value))
            case "url" | "email" | "phone_number":
                return value or None
            case _:
                return value

    def _option_id(self, item: Property, option: Json) -> str:
        known = options.find(item.config["options"], option)
        if known is None:
            known = options.make(self._store.ids, option["name"])
            if option.get("color"):
                known["color"] = option["color"]
            item.config["options"].append(known)
        return str(known["id"])

    def write(self, page: Page, source: DataSource, values: Mapping[str, Any]) -> set[str]:
        """Put values on a page and their mirrors on others. Returns the ids of the other pages it touched."""
        touched: set[str] = set()
        for property_id, value in values.items():
            item = source.properties[property_id]
            if item.type == "relation" and item.config["type"] == "dual_property":
                touched |= self._mirror(page, item, page.values.get(property_id) or [], value)
            page.values[property_id] = value
            page.folded.pop(property_id, None)
        return touched - {page.id}

    def _mirror(self, page: Page, item: Property, before: list[str], after: list[str]) -> set[str]:
        mirror = item.config["synced"]
        changed: set[str] = set()
        for target in dict.fromkeys([*before, *after]):
            if (target in before) == (target in after) or target not in self._store.pages:
                continue
            values = self._store.pages[target].values
            kept = [one for one in values.get(mirror) or [] if one != page.id]
            values[mirror] = [*kept, page.id] if target in after else kept
            changed.add(target)
        return changed

    def defaults(self, source: DataSource) -> dict[str, Any]:
        """What a new row holds that nobody wrote: its number and its status."""
        values: dict[str, Any] = {}
        for item in source.properties.values():
            if item.type == "status":
                values[item.id] = item.config["options"][0]["id"] if item.config["options"] else None
            if item.type == "unique_id":
                source.last_number += 1
                values[item.id] = source.last_number
        return values

    # ---- out ----

    def shown(self, page: Page, source: DataSource | None, now: datetime, only: Iterable[str] = ()) -> Json:
        """`properties` of a page, in Notion's order; `only` are the decoded ids or names to keep (all when empty)."""
        if source is None:
            return {"title": {"id": "title", "type": "title", "title": self._texts(page.values.get("title") or [])}}
        wanted = set(only)
        return {
            item.name: {"id": encode(item.id), "type": item.type} | self.value(page, item, now)
            for item in source.ordered
            if not wanted or item.id in wanted or item.name in wanted
        }

    def value(self, page: Page, item: Property, now: datetime) -> Json:
        """`{type: value}` of one property, with `has_more` where a relation may be cut short."""
        full = self.full(page, item, now)
        match item.type:
            case "relation":
                return {
                    "relation": [{"id": one} for one in full[:SHOWN_AT_MOST]],
                    "has_more": len(full) > SHOWN_AT_MOST,
                }
            case "people":
                return {"people": full[:SHOWN_AT_MOST]}
            case _:
                return {item.type: full}

    def full(self, page: Page, item: Property, now: datetime) -> Any:
        """A property's whole value as it reads, save that relations are bare ids."""
        raw = page.values.get(item.id)
        match item.type:
            case "title" | "rich_text":
                return self._texts(raw or [])
            case "select" | "status":
                return None if raw is None else _option(item, raw)
            case "multi_select":
                return [shown for one in raw or [] if (shown := _option(item, one)) is not None]
            case "relation":
                return self.targets(raw or [])
            case "people":
                return [self._store.user(one).in_property for one in raw or []]
            case "checkbox":
                return bool(raw)
            case "files":
                return raw or []
            case "created_time":
                return clock.stamp(page.created)
            case "last_edited_time":
                return clock.stamp(page.edited)
            case "created_by":
                return self._store.user(page.created_by).in_property
            case "last_edited_by":
                return self._store.user(page.edited_by).in_property
            case "unique_id":
                return {"prefix": item.config["prefix"], "number": raw}
            case "button":
                return {}
            case "formula":
                return self._formula(page, item, now)
            case "rollup":
                return self._rollup(page, item, now)
            case _:
                return raw

    def _formula(self, page: Page, item: Property, now: datetime) -> Json | None:
        source = self._store.source_of(page)
        expression = item.config["expression"]
        if source is None or not formula.readable(expression):
            return page.computed.get(item.id)

        def column(column_id: str) -> Any:
            other = source.properties.get(column_id)
            return None if other is None else formula.of_property(other.type, self.full(page, other, now))

        empty_as = formula.kind(expression, lambda column_id: self._kind(source, column_id))
        return formula.result(formula.Formula(column, now).value(expression), empty_as)

    def _kind(self, source: DataSource, column_id: str) -> str:
        """What type a formula sees in a column."""
        item = source.properties.get(column_id)
        match item.type if item else "":
            case "number":
                return "number"
            case "checkbox":
                return "boolean"
            case "date" | "created_time" | "last_edited_time":
                return "date"
            case "formula" if item and formula.readable(item.config["expression"]):
                return formula.kind(item.config["expression"], lambda inner: self._kind(source, inner))
            case "rollup" if item and item.config["function"] != "show_original":
                return "date" if item.config["function"].endswith("_date") else "number"
            case _:
                return "string"

    def _rollup(self, page: Page, item: Property, now: datetime) -> Json | None:
        rolled = self.rolled(page, item)
        if rolled is None or item.config["function"] not in rollup.FUNCTIONS:
            return page.computed.get(item.id)
        _, column, related = rolled
        return rollup.of(item.config["function"], column.type, [self._bare(one, column, now) for one in related])

    def rolled(self, page: Page, item: Property) -> tuple[Property, Property, list[Page]] | None:
        """`(relation, rolled-up column, related pages)` of a rollup; None where a loaded schema lacks one of them."""
        source = self._store.source_of(page)
        relation = source.properties.get(item.config["relation"]) if source else None
        if relation is None or relation.type != "relation":
            return None
        target = self._store.sources.get(relation.config["data_source_id"])
        column = target.properties.get(item.config["target"]) if target else None
        if column is None:
            return None
        related = [self._store.pages[one] for one in self.targets(page.values.get(relation.id) or [])]
        return relation, column, related

    def _bare(self, page: Page, column: Property, now: datetime) -> Any:
        value = self.full(page, column, now)
        return [{"id": one} for one in value] if column.type == "relation" else value

    def targets(self, ids: list[str]) -> list[str]:
        """The related pages that can be seen."""
        return [one for one in ids if self._visible(one)]

    def _visible(self, page_id: str) -> bool:
        page = self._store.pages.get(page_id)
        if page is None or not (self._sees_all or self._store.shared(page)):
            return False
        return bool(self._knobs["trashed_in_relations"]) or not self._store.trashed(page)

    def _texts(self, texts: list[RichText]) -> list[RichText]:
        return [self._mention(text) if text["type"] == "mention" else text for text in texts]

    def _mention(self, text: RichText) -> RichText:
        mention = text["mention"]
        user = self._store.users.get(mention["user"]["id"]) if mention["type"] == "user" else None
        if user is None:
            return text
        name = user.shape["name"]
        return text | {"mention": {"type": "user", "user": user.in_property}, "plain_text": f"@{name}"}


def _option(item: Property, option_id: str) -> Json | None:
    for option in item.config["options"]:
        if option["id"] == option_id:
            return {"id": option["id"], "name": option["name"], "color": option["color"]}
    return None
