"""Columns: what a schema may say on write, how it reads back, and what a change to one column does to others."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from . import formula, options, rollup
from .call import mapping
from .errors import MISSING, ApiError, fix_one, invalid, line, misfit, missing, unserved
from .ids import decode, encode, parse_uuid
from .store import DataSource, Json, Page, Property, Store
from .texts import plain, words

CREATABLE = {
    "title",
    "rich_text",
    "number",
    "select",
    "multi_select",
    "status",
    "date",
    "checkbox",
    "email",
    "phone_number",
    "url",
    "people",
    "files",
    "place",
    "formula",
    "relation",
    "rollup",
    "unique_id",
    "created_time",
    "created_by",
    "last_edited_time",
    "last_edited_by",
}


_TEXTS = ("rich_text", "url", "email", "phone_number")
_LEANING = ("formula", "rollup")
"""Types that name other columns of the same data source."""


class Schema:
    """Reads and changes the columns of data sources."""

    def __init__(self, store: Store, workspace_id: str, lost: Callable[[str, str], ApiError]) -> None:
        """`lost` makes the 404 for a kind of object and an id."""
        self._store = store
        self._workspace = workspace_id
        self._lost = lost
        self._afterwards: list[Callable[[], None]] = []

    # ---- out ----

    def shown(self, source: DataSource) -> Json:
        return {item.name: self._column(source, item) for item in source.ordered}

    def _column(self, source: DataSource, item: Property) -> Json:
        head = {"id": encode(item.id), "name": item.name, "description": item.description, "type": item.type}
        return head | {item.type: self._config(source, item)}

    def _config(self, source: DataSource, item: Property) -> Json:
        match item.type:
            case "formula":
                return {"expression": formula.shown(item.config["expression"], source.id, self._workspace)}
            case "relation":
                return self._relation_config(item)
            case "rollup":
                return self._rollup_config(source, item)
            case _:
                return item.config

    def _relation_config(self, item: Property) -> Json:
        target = self._store.sources.get(item.config["data_source_id"])
        if target is None or item.config.get("synced", "title") not in target.properties:
            return dict(item.config["as_loaded"])
        config: Json = {"database_id": target.database, "data_source_id": target.id, "type": item.config["type"]}
        if item.config["type"] == "single_property":
            return config | {"single_property": {}}
        mirror = target.properties[item.config["synced"]]
        return config | {
            "dual_property": {"synced_property_name": mirror.name, "synced_property_id": encode(mirror.id)}
        }

    def _rollup_config(self, source: DataSource, item: Property) -> Json:
        relation = source.properties.get(item.config["relation"])
        target = self._store.sources.get(relation.config["data_source_id"]) if relation else None
        column = target.properties.get(item.config["target"]) if target else None
        loaded = item.config.get("as_loaded", {})
        return {
            "rollup_property_name": column.name if column else loaded.get("rollup_property_name", ""),
            "relation_property_name": relation.name if relation else loaded.get("relation_property_name", ""),
            "rollup_property_id": item.config["target"],
            "relation_property_id": item.config["relation"],
            "function": item.config["function"],
        }

    # ---- in ----

    def create(self, source: DataSource, given: Mapping[str, Any], place: str) -> None:
        """Fill a new data source, columns that lean on others last. Raises ApiError, and then nothing is made."""
        kinds = {name: _type_of(config, f"{place}.{name}") for name, config in given.items()}
        titles = [name for name, kind in kinds.items() if kind == "title"]
        if len(titles) > 1:
            raise invalid("Only one property of type title is allowed.")
        wanted = {name: given[name] for name in titles} or {"Name": {"title": {}}}
        for leaning in (False, True):
            wanted |= {name: given[name] for name, kind in kinds.items() if (kind in _LEANING) is leaning}
        self.update(source, wanted, place)

    def update(self, source: DataSource, given: Mapping[str, Any], place: str) -> None:
        """Add, remove, rename, retype or refit columns by name or id. Raises ApiError, and then nothing is changed."""
        before = {one.id: _copied(one.properties) for one in (*self._store.sources.values(), source)}
        try:
            for key, config in given.items():
                self._set(source, find(source, key), key, config, place)
        except ApiError:
            for one in (*self._store.sources.values(), source):
                one.properties = before[one.id]
                one.arrange()
            raise
        for touch_rows in self._afterwards:
            touch_rows()
        source.arrange()

    def _set(self, source: DataSource, item: Property | None, key: str, config: object, place: str) -> None:
        if config is None:
            self._remove(source, item, key)
        elif item is None:
            self._add(source, key, config, place)
        else:
            self._change(source, item, config, f"{place}.{key}")

    def _remove(self, source: DataSource, item: Property | None, key: str) -> None:
        if item is None:
            raise invalid(f"Could not find property with name or id: {key}")
        if item.type == "title":
            raise invalid("Cannot delete the title property of a database.")
        del source.properties[item.id]
        self._forget_values(source, item)
        if item.type == "relation" and item.config["type"] == "dual_property":
            self._unpair(item)

    def _rows(self, source: DataSource) -> list[Page]:
        return [self._store.pages[page_id] for _, _, page_id in source.rows]

    def _forget_values(self, source: DataSource, item: Property) -> None:
        """Empty a column, once the whole change has been found good."""

        def forget() -> None:
            for page in self._rows(source):
                for kept in (page.values, page.computed, page.folded):
                    kept.pop(item.id, None)

        self._afterwards.append(forget)

    def _unpair(self, item: Property) -> None:
        """The mirror of a relation that is gone stays, as a relation of its own."""
        target = self._store.sources.get(item.config["data_source_id"])
        mirror = target.properties.get(item.config["synced"]) if target else None
        if mirror is not None and mirror.id != item.id:
            mirror.config = {"data_source_id": mirror.config["data_source_id"], "type": "single_property"}

    def _change(self, source: DataSource, item: Property, config: object, place: str) -> None:
        if not isinstance(config, dict):
            raise misfit(place, "an object or `null`", config)
        if isinstance(name := config.get("name"), str):
            self._rename(source, item, name)
        if "description" in config:
            item.description = config["description"]
        kinds = [kind for kind in config if kind in CREATABLE]
        kind = str(config.get("type") or (kinds[0] if kinds else item.type))
        if kind in config and kind == item.type:
            self._refit(source, item, config[kind], place)
        elif kind != item.type:
            self._retype(source, item, _type_of(config, place), config, place)

    def _rename(self, source: DataSource, item: Property, name: str) -> None:
        other = source.named(name)
        if other is not None and other is not item:
            raise invalid(f"Cannot rename property {item.name} to {name}: a property with that name already exists.")
        item.name = name

    def _retype(self, source: DataSource, item: Property, kind: str, config: Json, place: str) -> None:
        """Text stays text, an empty column becomes anything; what else becomes of values was never recorded."""
        if "title" in (item.type, kind):
            raise invalid("Cannot update the type of the title property.")
        if item.type in _TEXTS and kind in _TEXTS:
            self._afterwards.append(lambda: self._reword(source, item.id, kind))
        elif item.type != "unique_id" and any(page.values.get(item.id) for page in self._rows(source)):
            raise unserved(f"turning a filled {item.type} column into {kind}")
        else:
            self._forget_values(source, item)
        if item.type == "relation" and item.config["type"] == "dual_property":
            self._unpair(item)
        item.type, item.config = kind, {}
        self._fill(source, item, config[kind], place)
        if kind == "unique_id":
            self._afterwards.append(lambda: self._number_rows(source, item))

    def _reword(self, source: DataSource, property_id: str, kind: str) -> None:
        for page in self._rows(source):
            value = page.values.get(property_id)
            text = plain(value) if isinstance(value, list) else value or ""
            page.values[property_id] = words(text) if kind == "rich_text" else text or None

    def _refit(self, source: DataSource, item: Property, config: Any, place: str) -> None:
        match item.type:
            case "select" | "multi_select" | "status" if isinstance(config, dict) and "options" in config:
                self._replace_options(source, item, config["options"], place)
            case "unique_id" if isinstance(config, dict) and "prefix" in config:
                item.config = {"prefix": _prefix(config)}
            case "number" if isinstance(config, dict) and "format" in config:
                item.config = {"format": config["format"]}
            case "formula":
                self._fill(source, item, config, place)
            case "rollup" if isinstance(config, dict):
                self._fill(source, item, _kept(item.config, config) | config, place)
            case "relation" if isinstance(config, dict) and config:
                self._relate_anew(source, item, config, place)
            case _:
                pass

    def _add(self, source: DataSource, name: str, config: object, place: str) -> None:
        kind = _type_of(config, f"{place}.{name}")
        assert isinstance(config, dict)
        title = "title" in source.properties
        if kind == "title" and title:
            raise invalid("Cannot create new title property.")
        made = Property(
            "title" if kind == "title" else self._store.ids.property(set(source.properties)),
            name,
            kind,
            description=config.get("description"),
        )
        self._fill(source, made, config[kind], f"{place}.{name}")
        source.properties[made.id] = made
        if kind == "unique_id":
            self._afterwards.append(lambda: self._number_rows(source, made))

    def _number_rows(self, source: DataSource, item: Property) -> None:
        for page in self._rows(source):
            source.last_number += 1
            page.values[item.id] = source.last_number

    def _fill(self, source: DataSource, item: Property, config: Any, place: str) -> None:
        """Set the configuration of a new or newly typed column."""
        if not isinstance(config, dict):
            raise misfit(f"{place}.{item.type}", "an object", config)
        match item.type:
            case "number":
                item.config = {"format": config.get("format", "number")}
            case "select" | "multi_select":
                place = f"{place}.{item.type}.options"
                item.config = {"options": options.replaced(self._store.ids, [], config.get("options", []), place)}
            case "status":
                item.config = options.status(self._store.ids, config, f"{place}.status")
            case "unique_id":
                item.config = {"prefix": _prefix(config)}
            case "formula":
                expression = self._formula(source, item, config, f"{place}.formula")
                item.config = {"expression": expression, "made_by_api": True}
            case "relation":
                self._relate(source, item, config, f"{place}.relation")
            case "rollup":
                item.config = self._rollup(source, config, f"{place}.rollup")
            case _:
                item.config = {}

    def _replace_options(self, source: DataSource, item: Property, given: object, place: str) -> None:
        place = f"{place}.{item.type}.options"
        if item.type == "status":
            item.config = options.extended(self._store.ids, item.config, given, place)
            return
        kept = options.replaced(self._store.ids, item.config["options"], given, place)
        gone = {one["id"] for one in item.config["options"]} - {one["id"] for one in kept}
        item.config = {"options": kept}
        if gone:
            self._afterwards.append(lambda: self._clear_options(source, item.id, gone))

    def _clear_options(self, source: DataSource, property_id: str, gone: set[str]) -> None:
        for page in self._rows(source):
            value = page.values.get(property_id)
            if isinstance(value, list):
                page.values[property_id] = [one for one in value if one not in gone]
            elif value in gone:
                page.values[property_id] = None

    # ---- relations and rollups ----

    def _relate(self, source: DataSource, item: Property, config: Json, place: str) -> None:
        target_id = parse_uuid(config.get("data_source_id"))
        if target_id is None:
            raise misfit(f"{place}.data_source_id", "a valid uuid", config.get("data_source_id"))
        target = self._store.sources.get(target_id)
        if target is None or self._store.source_trashed(target):
            raise self._lost("data_source", target_id)
        kind = _relation_kind(config, place)
        item.config = {"data_source_id": target_id, "type": kind}
        if kind == "dual_property":
            about = mapping(config.get("dual_property") or {}, f"{place}.dual_property")
            wished = about.get("synced_property_name")
            if wished is not None and not isinstance(wished, str):
                raise misfit(f"{place}.dual_property.synced_property_name", "a string or `undefined`", wished)
            item.config["synced"] = self._mirror(source, item, target, wished).id

    def _relate_anew(self, source: DataSource, item: Property, config: Json, place: str) -> None:
        """Another target empties the column; the same one keeps its values, and a mirror that it already has."""
        before = item.config
        same = parse_uuid(config.get("data_source_id")) == before["data_source_id"]
        if same and _relation_kind(config, place) == before["type"]:
            return
        if before["type"] == "dual_property":
            self._unpair(item)
        if not same:
            self._forget_values(source, item)
        self._relate(source, item, config, place)

    def _mirror(self, source: DataSource, item: Property, target: DataSource, wished: str | None) -> Property:
        name = plain(source.title) or self._store.databases[source.database].name
        wanted = wished or f"Related to {name} ({item.name})"
        mirror = Property(
            self._store.ids.property(set(target.properties) | {item.id}),
            _free_name(target, wanted),
            "relation",
            {"data_source_id": source.id, "type": "dual_property", "synced": item.id},
        )
        target.properties[mirror.id] = mirror
        target.arrange()
        return mirror

    def _formula(self, source: DataSource, item: Property, config: Json, place: str) -> str:
        if not isinstance(config.get("expression"), str):
            raise misfit(f"{place}.expression", "a string", config.get("expression"))
        expression = formula.stored(config["expression"], source.properties)
        formula.check(expression)
        if item.id in self._leans_on(source, expression):
            raise invalid("Type error with formula: the formula refers to itself.")
        return expression

    def _leans_on(self, source: DataSource, expression: str) -> set[str]:
        """Every column that a formula reads, through other formulas too."""
        seen: set[str] = set()
        waiting = formula.references(expression)
        while waiting:
            column_id = waiting.pop()
            seen.add(column_id)
            column = source.properties.get(column_id)
            if column is not None and column.type == "formula":
                waiting |= formula.references(column.config["expression"]) - seen
        return seen

    def _rollup(self, source: DataSource, config: Json, place: str) -> Json:
        relation = _pick(source, config, "relation_property", place)
        if relation.type != "relation":
            raise invalid(f"{relation.name} is expected to be relation.")
        target = self._store.sources.get(relation.config["data_source_id"])
        if target is None:
            raise self._lost("data_source", relation.config["data_source_id"])
        column = _pick(target, config, "rollup_property", place)
        if config.get("function") in rollup.UNSERVED:
            raise unserved(f"the rollup function {config['function']}")
        if config.get("function") not in tuple(rollup.FUNCTIONS):
            known = ", ".join(f'`"{name}"`' for name in (*rollup.FUNCTIONS, *rollup.UNSERVED))
            raise misfit(f"{place}.function", f"one of {known}", config.get("function"))
        return {"function": config["function"], "relation": relation.id, "target": column.id}


def _kept(rollup: Json, given: Json) -> Json:
    """What an update of a rollup does not name stays."""
    kept = {"function": rollup["function"]}
    for key, name in (("relation_property", "relation"), ("rollup_property", "target")):
        if f"{key}_name" not in given:
            kept[f"{key}_id"] = rollup[name]
    return kept


def _copied(properties: Mapping[str, Property]) -> dict[str, Property]:
    return {key: replace(item, config=copy.deepcopy(item.config)) for key, item in properties.items()}


def _relation_kind(config: Json, place: str) -> str:
    kind = config.get("type") or ("dual_property" if "dual_property" in config else "single_property")
    if kind not in ("single_property", "dual_property"):
        raise misfit(f"{place}.type", '`"single_property"` or `"dual_property"`', kind)
    return str(kind)


def _pick(source: DataSource, config: Json, key: str, place: str) -> Property:
    wanted = config.get(f"{key}_id") or config.get(f"{key}_name")
    if not isinstance(wanted, str):
        raise missing(f"{place}.{key}_name")
    item = source.properties.get(wanted) or find(source, wanted)
    if item is None:
        raise invalid(f"Could not find property with name or id: {wanted}")
    return item


def _free_name(source: DataSource, wanted: str) -> str:
    name, count = wanted, 0
    while source.named(name) is not None:
        count += 1
        name = f"{wanted} {count}"
    return name


def _type_of(config: object, place: str) -> str:
    if not isinstance(config, dict):
        raise misfit(place, "an object", config)
    kind = config.get("type") or next((key for key in config if key not in ("name", "description")), None)
    if kind in ("button", "verification"):
        raise invalid(f"Properties of type {kind} cannot be created through the API.")
    if not isinstance(kind, str) or kind not in CREATABLE:
        raise fix_one([line(f"{place}.{one}", "defined", MISSING) for one in sorted(CREATABLE)])
    if kind not in config:
        raise missing(f"{place}.{kind}")
    return str(kind)


def find(source: DataSource, key: str) -> Property | None:
    """A column by name, or by id as given or percent-encoded."""
    return source.named(key) or source.properties.get(key) or source.properties.get(decode(key))


def _prefix(config: Json) -> str | None:
    """Notion writes prefixes in capitals."""
    given = config.get("prefix")
    return str(given).upper() if given else None
