"""Product categories: read, made and changed; they know no dates."""

from typing import Any

from higherself_sync.sandbox.woocommerce import text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.resource import PAGING, Resource, Test, Values, Visit, id_tests
from higherself_sync.sandbox.woocommerce.schema import Arg, boolean, integer, string
from higherself_sync.sandbox.woocommerce.store import Record

ARGS: dict[str, Arg] = {
    "name": Arg(("string",), required=False),
    "slug": string(),
    "parent": integer(),
    "description": string(),
    "display": string("default", "products", "subcategories", "both"),
    "menu_order": integer(),
}


class Categories(Resource):
    name = "products/categories"
    table = "categories"
    kind = "term"
    args = ARGS
    params = {
        **PAGING,
        "order": string("asc", "desc", default="asc"),
        "orderby": string("id", "include", "name", "slug", "term_group", "description", "count", default="name"),
        "hide_empty": boolean(default=False),
        "parent": integer(),
        "slug": string(),
    }  # fmt: skip

    def unknown(self, status: int) -> Refused:
        return Refused("woocommerce_rest_term_invalid", "Resource does not exist.", 404)

    def tests(self, params: Values) -> list[Test]:
        tests = id_tests(params)
        if words := params.get("search"):
            tests.append(lambda r: words.lower() in r["name"].lower())
        if slug := params.get("slug"):
            tests.append(lambda r: r["slug"] == slug)
        if (parent := params.get("parent")) is not None:
            tests.append(lambda r: r["parent"] == parent)
        if params["hide_empty"]:
            tests.append(lambda r: self._count(r) > 0)
        return tests

    def sorted(self, records: list[Record], params: Values) -> list[Record]:
        field = params["orderby"]
        return sorted(
            records,
            key=lambda r: (str(r.get(field, "")).casefold() if field in ("name", "slug") else "", r["id"]),
            reverse=params["order"] == "desc",
        )

    def show(self, record: Record, visit: Visit, context: str = "view") -> dict[str, Any]:
        links = {"_links": self.links(record, f"{visit.base}/wp-json/wc/v3")}
        return {**record, "count": self._count(record), **links}

    def _count(self, category: Record) -> int:
        published = (p for p in self.store.all("products") if p["status"] == "publish")
        return sum(any(term["id"] == category["id"] for term in product["categories"]) for product in published)

    def create(self, data: Values, visit: Visit) -> Record:
        name = text.encoded(str(data.get("name") or ""))
        if not name:
            raise Refused("rest_missing_callback_param", "Missing parameter(s): name", 400, {"params": ["name"]})
        for category in self.store.all("categories"):
            if category["name"].lower() == name.lower() and category["parent"] == (data.get("parent") or 0):
                message = "A term with the name provided already exists with this parent."
                raise Refused("term_exists", message, 400, {"resource_id": category["id"]})
        draft = blank(self.store.new_id("categories"), name) | {f: data[f] for f in ARGS if data.get(f) is not None}
        return self.store.put("categories", draft | {"name": name})

    def update(self, record_id: int, data: Values, visit: Visit) -> Record:
        draft = self.store.draft("categories", self.found(record_id, 404)["id"])
        draft |= {field: data[field] for field in ARGS if data.get(field) is not None}
        return self.store.put("categories", draft | {"name": text.encoded(str(draft["name"]))})

    def delete(self, record_id: int, force: bool, visit: Visit) -> Record:
        category = self.found(record_id, 404)
        if not force:
            raise Refused("woocommerce_rest_trash_not_supported", "Resource does not support trashing.", 501)
        self.store.remove("categories", record_id)
        return category


def blank(category_id: int, name: str) -> Record:
    return {
        "id": category_id, "name": name, "slug": text.slug(name), "parent": 0, "description": "",
        "display": "default", "image": None, "menu_order": 0, "count": 0,
    }  # fmt: skip
