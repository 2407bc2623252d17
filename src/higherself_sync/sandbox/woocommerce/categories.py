"""Product categories; they know no dates and no trash."""

from collections.abc import Callable, Mapping
from typing import Any

from higherself_sync.sandbox.woocommerce import text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.resource import PAGING, Resource, Test, Values, equals, id_tests
from higherself_sync.sandbox.woocommerce.schema import Arg, boolean, integer, string
from higherself_sync.sandbox.woocommerce.store import Record

ARGS: dict[str, Arg] = {
    "name": string(),
    "slug": string(),
    "parent": integer(),
    "description": string(),
    "display": string("default", "products", "subcategories", "both"),
    "menu_order": integer(),
}
PARAMS: dict[str, Arg] = {
    **PAGING,
    "order": string("asc", "desc", default="asc"),
    "orderby": string("id", "include", "name", "slug", "term_group", "description", "count", default="name"),
    "hide_empty": boolean(default=False),
    "parent": integer(),
    "slug": string(),
}


class Categories(Resource):
    name = "products/categories"
    table = "categories"
    kind = "term"
    args = ARGS
    params = PARAMS
    is_open_when_absent = True

    def unknown(self, status: int) -> Refused:  # noqa: ARG002 - a 404 whatever was wanted
        return Refused("woocommerce_rest_term_invalid", "Resource does not exist.", 404)

    def tests(self, params: Values) -> list[Test]:
        tests = id_tests(params)
        if words := params["search"].lower():
            tests.append(lambda r: words in r["name"].lower())
        if params["hide_empty"]:
            tests.append(lambda r: self._count(r) > 0)
        return [*tests, *(equals(field, params[field]) for field in ("slug", "parent") if params[field] is not None)]

    def sorted(self, records: list[Record], params: Values) -> list[Record]:
        field = params["orderby"]
        if field == "include":
            return super().sorted(records, params)
        keys: dict[str, Callable[[Record], Any]] = {
            "count": lambda r: (self._count(r), r["id"]),
            **dict.fromkeys(("id", "term_group"), lambda r: r["id"]),
        }
        by_text: Callable[[Record], Any] = lambda r: (r[field].casefold(), r["id"])  # noqa: E731 - a table's default
        return sorted(records, key=keys.get(field, by_text), reverse=params["order"] == "desc")

    def face(self, record: Record) -> Record:
        return {**record, "count": self._count(record)}

    def _count(self, category: Record) -> int:
        published = (product for product in self.store.all("products") if product["status"] == "publish")
        return sum(any(term["id"] == category["id"] for term in product["categories"]) for product in published)

    def args_to_create(self) -> Mapping[str, Arg]:
        return {**ARGS, "name": Arg(("string",), required=True)}

    def create(self, data: Values) -> Record:
        name = text.encoded(str(data.get("name") or ""))
        parent = data.get("parent") or 0
        for category in self.store.all("categories"):
            if category["name"].lower() == name.lower() and category["parent"] == parent:
                message = "A term with the name provided already exists with this parent."
                details = {"status": 400, "resource_id": category["id"]}
                raise Refused("term_exists", message, 400, details)
        return self._save(blank(self.store.new_id("categories"), name), data)

    def update(self, record_id: int, data: Values) -> Record:
        return self._save(self.found(record_id, 404), data)

    def _save(self, category: Record, data: Values) -> Record:
        changed = category | {field: data[field] for field in ARGS if data.get(field) is not None}
        return self.store.put("categories", changed | {"name": text.encoded(str(changed["name"]))})

    def delete(self, record_id: int, force: bool) -> None:
        if not force:
            raise Refused("woocommerce_rest_trash_not_supported", "Resource does not support trashing.", 501)
        super().delete(record_id, force)


def blank(category_id: int, name: str) -> Record:
    return {
        "id": category_id,
        "name": name,
        "slug": text.slug(name),
        "parent": 0,
        "description": "",
        "display": "default",
        "image": None,
        "menu_order": 0,
        "count": 0,
    }
