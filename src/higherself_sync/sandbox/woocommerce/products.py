"""Products: how they are made, changed, priced and found. Variations are next door."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import count
from typing import Any, ClassVar

from higherself_sync.sandbox.woocommerce import dates, meta, pricing, text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.product_args import ARGS, LISTED, PARAMS, TYPES, UNSERVED
from higherself_sync.sandbox.woocommerce.resource import Resource, Test, Values, Visit, date_tests, id_tests
from higherself_sync.sandbox.woocommerce.store import Record, Store

UNCATEGORIZED = 15
COPIED = (
    "featured", "catalog_visibility", "virtual", "downloadable", "downloads", "download_limit", "download_expiry",
    "external_url", "button_text", "tax_status", "tax_class", "sold_individually", "weight", "reviews_allowed",
    "upsell_ids", "cross_sell_ids", "parent_id", "purchase_note", "default_attributes", "menu_order", "post_password",
    "global_unique_id", "grouped_products",
)  # fmt: skip


class Products(Resource):
    name = "products"
    table = "products"
    kind = "product"
    args = ARGS
    params = PARAMS
    unserved = UNSERVED
    hidden_when_absent: ClassVar[bool] = True

    # reading

    def candidates(self, params: Values) -> Iterable[Record]:
        """With `sku` the variations are searched too, as the shop's own query does."""
        chosen = super().candidates(params)
        if not params.get("sku"):
            return chosen
        variations = [self.as_product(v) for v in self.store.all("variations")]
        wanted = params["include"]
        return [*chosen, *(v for v in variations if not wanted or v["id"] in wanted)]

    def as_product(self, variation: Record) -> Record:
        """A variation in the shape of a product, as `sku` finds it."""
        parent = self.store.get("products", variation["parent_id"])
        name = f"{parent['name']} - {variation['name']}" if parent else variation["name"]
        return {**blank(), **variation, "name": name, "price_html": pricing.html(variation)}

    def tests(self, params: Values) -> list[Test]:
        tests = [*id_tests(params), *date_tests(params), _status_test(params)]
        if excluded := params.get("exclude_status"):
            tests.append(lambda r: r["status"] not in excluded)
        if skus := params.get("sku"):
            wanted = {sku.strip().lower() for sku in (*skus.split(","), skus)}
            tests.append(lambda r: r["sku"] != "" and r["sku"].lower() in wanted)
        if words := (params.get("search") or "").lower().split():
            tests.append(lambda r: all(word in _searched(r) for word in words))
        for field in ("type", "slug", "stock_status"):
            if value := params.get(field):
                tests.append(_equals(field, value))
        for field in ("featured", "virtual", "downloadable", "on_sale"):
            if (value := params.get(field)) is not None:
                tests.append(_equals(field, value))
        return [*tests, *_more_tests(params)]

    def show(self, record: Record, visit: Visit, context: str = "view") -> dict[str, Any]:
        """In the edit context, in which every write is answered, descriptions are as typed."""
        shown = super().show(record, visit, context)
        if context == "view":
            for field in ("description", "short_description", "purchase_note"):
                if field in shown:
                    shown[field] = text.paragraphs(shown[field])
        elif record["type"] != "variation":
            links = shown.pop("_links")
            slug = record["slug"] or text.slug(record["name"])
            template = f"{visit.base}/product/%pagename%/"
            shown |= {"permalink_template": template, "generated_slug": slug, "_links": links}
        return shown

    def links(self, record: Record, api: str) -> dict[str, Any]:
        links = super().links(record, api)
        if record["parent_id"]:
            links["up"] = [{"href": f"{api}/products/{record['parent_id']}"}]
        return links

    def found(self, record_id: int, status: int) -> Record:
        record = self.store.get("products", record_id)
        if record is None and (variation := self.store.get("variations", record_id)):
            return self.as_product(variation)
        if record is None:
            raise self.unknown(status)
        return record

    # writing

    def create(self, data: Values, visit: Visit) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_product_exists", "Cannot create existing product.", 400)
        draft = {**blank(), **dates.pair("date_created", visit.now)}
        draft["type"] = data["type"] if data.get("type") in TYPES else "simple"
        self.write(draft, {**data, "name": data.get("name") or "Product"}, visit)
        draft["id"] = self.store.new_id("products")
        return self.save(draft, visit)

    def update(self, record_id: int, data: Values, visit: Visit) -> Record:
        if self.found(record_id, 400)["type"] == "variation":
            message = "To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint."
            raise Refused("woocommerce_rest_invalid_product_id", message, 404)
        draft = self.store.draft("products", record_id)
        if data.get("type") in TYPES:
            draft["type"] = data["type"]
        was_trashed = draft["status"] == "trash"
        self.write(draft, data, visit)
        if was_trashed and draft["status"] != "trash":
            _take_back_slug(draft)
        return self.save(draft, visit)

    def write(self, draft: Record, data: Values, visit: Visit) -> None:
        """Everything that a request may set; what is not there stays."""
        for field in COPIED:
            if data.get(field) is not None:
                draft[field] = data[field]
        for field in ("name", "description", "short_description"):
            if data.get(field) is not None:
                draft[field] = text.encoded(str(data[field]))
        _write_status(draft, data)
        write_sku(self.store, draft, data)
        write_prices(draft, data)
        write_stock(draft, data)
        write_dimensions(draft, data)
        _write_creation(draft, data)
        self._write_terms(draft, data)
        if data.get("attributes") is not None:
            draft["attributes"] = [
                _attribute(a) for a in data["attributes"] if a.get("name") and a.get("options") is not None
            ]
        draft["meta_data"] = meta.by_id(
            meta.written(draft["meta_data"], data.get("meta_data"), self.store.next_meta_id)
        )

    def save(self, draft: Record, visit: Visit) -> Record:
        """Settles what follows from the rest, stamps the change (always, even for an empty one) and stores it."""
        draft |= dates.pair("date_modified", visit.now)
        self.settle(draft, visit.now)
        return self.store.put("products", draft)

    def settle(self, draft: Record, now: datetime) -> None:
        kind = draft["type"]
        self._settle_price(draft, now)
        settle_stock(draft)
        needs_shipping = not draft["virtual"]
        draft["shipping_required"] = needs_shipping
        draft["shipping_taxable"] = needs_shipping and draft["tax_status"] in ("taxable", "shipping")
        draft["purchasable"] = draft["price"] != "" and kind in ("simple", "variable", "variation")
        draft["has_options"] = kind == "variable" and any(a["variation"] for a in draft["attributes"])
        self._settle_slug(draft)
        draft["permalink"] = permalink(draft)

    def _settle_price(self, draft: Record, now: datetime) -> None:
        match draft["type"]:
            case "variable":
                children = [v["price"] for v in self._children(draft)]
            case "grouped":
                members = (self.store.get("products", n) for n in draft["grouped_products"])
                children = [member["price"] for member in members if member]
            case _:
                pricing.settle(draft, now)
                draft["price_html"] = pricing.html(draft)
                return
        draft |= {"price": pricing.lowest(children), "on_sale": False, "price_html": pricing.range_html(children)}

    def _children(self, draft: Record) -> list[Record]:
        found = (self.store.get("variations", n) for n in draft["variations"])
        return [variation for variation in found if variation and variation["status"] == "publish"]

    def _settle_slug(self, draft: Record) -> None:
        if draft["status"] == "trash":
            return
        if draft["slug"] or draft["status"] in ("publish", "private", "future"):
            wanted = text.slug(draft["slug"] or draft["name"]) or str(draft["id"])
            draft["slug"] = self._free_slug(wanted, draft["id"])

    def _free_slug(self, wanted: str, own_id: int) -> str:
        held = self.store.slugs.get(wanted)
        if held is None or held == own_id:
            return wanted
        return next(slug for n in count(2) if self.store.slugs.get(slug := f"{wanted}-{n}") in (None, own_id))

    def _write_terms(self, draft: Record, data: Values) -> None:
        if isinstance(terms := data.get("categories"), list):
            known = (self.store.get("categories", int(term.get("id") or 0)) for term in terms)
            draft["categories"] = [_term(category) for category in known if category] or [_term(uncategorized())]
        if isinstance(terms := data.get("tags"), list):
            draft["tags"] = [tag for term in terms if (tag := self._tag(term))]

    def _tag(self, term: Mapping[str, Any]) -> Record | None:
        """By id, or by a name that is made when it is new."""
        if not (name := term.get("name")):
            found = self.store.get("tags", int(term.get("id") or 0))
            return _term(found) if found else None
        for tag in self.store.all("tags"):
            if tag["name"].lower() == str(name).lower():
                return _term(tag)
        return _term(
            self.store.put(
                "tags", {"id": self.store.new_id("tags"), "name": text.encoded(str(name)), "slug": text.slug(str(name))}
            )
        )

    # the trash

    def trash(self, record_id: int, visit: Visit) -> None:
        draft = self.store.draft("products", record_id)
        put_in_trash(draft, visit.now, self.store)
        self.store.put("products", draft | dates.pair("date_modified", visit.now))
        for variation_id in draft["variations"]:
            if self.store.get("variations", variation_id):
                variation = self.store.draft("variations", variation_id)
                self.store.put("variations", variation | {"status": "trash"} | dates.pair("date_modified", visit.now))

    def destroy(self, record_id: int) -> None:
        for variation_id in self.store.tables["products"][record_id]["variations"]:
            if self.store.get("variations", variation_id):
                self.store.remove("variations", variation_id)
        self.store.remove("products", record_id)


def blank() -> Record:
    """An empty simple product, its fields in the order of the API."""
    return {
        "id": 0, "name": "", "slug": "", "permalink": "",
        **dates.pair("date_created", None), **dates.pair("date_modified", None),
        "type": "simple", "status": "publish", "featured": False, "catalog_visibility": "visible", "description": "",
        "short_description": "", "sku": "", "price": "", "regular_price": "", "sale_price": "",
        **dates.pair("date_on_sale_from", None), **dates.pair("date_on_sale_to", None),
        "on_sale": False, "purchasable": False, "total_sales": 0, "virtual": False, "downloadable": False,
        "downloads": [], "download_limit": -1, "download_expiry": -1, "external_url": "", "button_text": "",
        "tax_status": "taxable", "tax_class": "", "manage_stock": False, "stock_quantity": None, "backorders": "no",
        "backorders_allowed": False, "backordered": False, "low_stock_amount": None, "sold_individually": False,
        "weight": "", "dimensions": {"length": "", "width": "", "height": ""}, "shipping_required": True,
        "shipping_taxable": True, "shipping_class": "", "shipping_class_id": 0, "reviews_allowed": True,
        "average_rating": "0.00", "rating_count": 0, "upsell_ids": [], "cross_sell_ids": [], "parent_id": 0,
        "purchase_note": "", "categories": [_term(uncategorized())], "brands": [], "tags": [], "images": [],
        "attributes": [], "default_attributes": [], "variations": [], "grouped_products": [], "menu_order": 0,
        "price_html": "", "related_ids": [], "meta_data": [], "stock_status": "instock", "has_options": False,
        "post_password": "", "global_unique_id": "",
    }  # fmt: skip


def uncategorized() -> Record:
    return {"id": UNCATEGORIZED, "name": "Uncategorized", "slug": "uncategorized"}


def _term(term: Mapping[str, Any]) -> Record:
    return {"id": term["id"], "name": term["name"], "slug": term["slug"]}


def _attribute(attribute: Mapping[str, Any]) -> Record:
    options = attribute["options"]
    name = text.cleaned(str(attribute["name"]))
    return {
        "id": 0,
        "name": name,
        "slug": name,
        "position": int(attribute.get("position") or 0),
        "visible": bool(attribute.get("visible")),
        "variation": bool(attribute.get("variation")),
        "options": list(options) if isinstance(options, list) else [part.strip() for part in str(options).split("|")],
    }


def permalink(product: Record) -> str:
    if product["status"] in ("publish", "private"):
        return f"/product/{product['slug']}/"
    return f"/?post_type=product&p={product['id']}"


# what products and variations share


def write_sku(store: Store, draft: Record, data: Values) -> None:
    """Raises Refused for a SKU that another product outside the trash has, in whatever letter case."""
    if data.get("sku") is None:
        return
    sku = text.cleaned(str(data["sku"]))
    holders = (
        [n for n in store.skus.get(sku.lower(), ()) if n != draft["id"] and not _is_trashed(store, n)] if sku else []
    )
    if holders:
        details = {"resource_id": holders[0], "unique_sku": _unique_sku(store, sku)}
        raise Refused("product_invalid_sku", "Invalid or duplicated SKU.", 400, details)
    draft["sku"] = sku


def _is_trashed(store: Store, product_id: int) -> bool:
    record = store.get("products", product_id) or store.get("variations", product_id)
    return record is None or record["status"] == "trash"


def _unique_sku(store: Store, sku: str) -> str:
    return next(free for n in count(1) if not store.skus.get((free := f"{sku}-{n}").lower()))


def write_prices(draft: Record, data: Values) -> None:
    if draft["type"] in ("variable", "grouped"):
        draft |= {"regular_price": "", "sale_price": ""}
        return
    for field in ("regular_price", "sale_price"):
        if data.get(field) is not None:
            draft[field] = text.typed_price(str(data[field]))
    for field in ("date_on_sale_from", "date_on_sale_to"):
        if data.get(field) is not None:
            draft |= dates.pair(field, dates.loose(str(data[field]), dates.SITE))
        if data.get(f"{field}_gmt") is not None:
            draft |= dates.pair(field, dates.loose(str(data[f"{field}_gmt"]), dates.UTC))


def write_stock(draft: Record, data: Values) -> None:
    if data.get("stock_status") is not None:
        draft["stock_status"] = data["stock_status"]
    if data.get("manage_stock") is not None:
        draft["manage_stock"] = bool(data["manage_stock"])
    if data.get("backorders") is not None:
        draft["backorders"] = data["backorders"]
    if draft["type"] in ("grouped", "external"):
        draft |= {"manage_stock": False, "backorders": "no"}
    if not draft["manage_stock"]:
        draft |= {"stock_quantity": None, "low_stock_amount": None}
        return
    if data.get("stock_quantity") is not None:
        draft["stock_quantity"] = int(data["stock_quantity"])
    elif data.get("inventory_delta") is not None:
        draft["stock_quantity"] = (draft["stock_quantity"] or 0) + int(data["inventory_delta"])
    if "low_stock_amount" in data:
        draft["low_stock_amount"] = data["low_stock_amount"]


def settle_stock(draft: Record) -> None:
    draft["backorders_allowed"] = draft["backorders"] in ("yes", "notify")
    if draft["manage_stock"]:
        quantity = draft["stock_quantity"] or 0
        out = "onbackorder" if draft["backorders_allowed"] else "outofstock"
        draft["stock_status"] = "instock" if quantity > 0 else out
    draft["backordered"] = draft["stock_status"] == "onbackorder"


def write_dimensions(draft: Record, data: Values) -> None:
    if isinstance(given := data.get("dimensions"), Mapping):
        draft["dimensions"] = {side: str(given.get(side, size)) for side, size in draft["dimensions"].items()}


def put_in_trash(draft: Record, now: datetime, store: Store) -> None:
    """Status, the three notes that WordPress keeps of it, and a slug that leaves the old one free."""
    notes = [("_wp_trash_meta_status", draft["status"]), ("_wp_trash_meta_time", str(int(now.timestamp())))]
    if draft.get("slug"):
        notes.append(("_wp_desired_post_slug", draft["slug"]))
        draft["slug"] += "__trashed"
    entries = [{"key": key, "value": value} for key, value in notes]
    draft["meta_data"] = meta.by_id(meta.written(draft["meta_data"], entries, store.next_meta_id))
    draft["status"] = "trash"
    if "slug" in draft:
        draft["permalink"] = permalink(draft)


def _take_back_slug(draft: Record) -> None:
    kept = [entry for entry in draft["meta_data"] if entry["key"] != "_wp_desired_post_slug"]
    wanted = [entry["value"] for entry in draft["meta_data"] if entry["key"] == "_wp_desired_post_slug"]
    if wanted:
        draft |= {"meta_data": kept, "slug": wanted[0]}


def _write_status(draft: Record, data: Values) -> None:
    if data.get("status") is not None:
        draft["status"] = data["status"] if data["status"] in ARGS["status"].enum else "draft"
    if data.get("slug") is not None:
        draft["slug"] = text.slug(str(data["slug"]))


def _write_creation(draft: Record, data: Values) -> None:
    if (value := data.get("date_created")) and (moment := dates.loose(str(value), dates.SITE)):
        draft |= dates.pair("date_created", moment)
    if (value := data.get("date_created_gmt")) and (moment := dates.loose(str(value), dates.UTC)):
        draft |= dates.pair("date_created", moment)


def _searched(record: Record) -> str:
    return f"{record['name']}\n{record['description']}\n{record['short_description']}".lower()


def _equals(field: str, value: Any) -> Test:
    return lambda record: bool(record[field] == value)


def _status_test(params: Values) -> Test:
    """`any` never contains the trash, whatever else is asked for beside it (trap 5)."""
    wanted = params.get("include_status") or [params["status"]]
    if "any" in wanted:
        return lambda record: record["status"] in LISTED
    return lambda record: record["status"] in wanted


def _more_tests(params: Values) -> list[Test]:
    tests: list[Test] = []
    for field, terms in (("category", "categories"), ("tag", "tags")):
        if ids := {int(n) for n in str(params.get(field) or "").split(",") if n.strip().isdigit()}:
            tests.append(_in_terms(terms, ids))
    if low := params.get("min_price"):
        tests.append(lambda r: r["price"] != "" and text.amount(r["price"]) >= text.amount(low))
    if high := params.get("max_price"):
        tests.append(lambda r: r["price"] != "" and text.amount(r["price"]) <= text.amount(high))
    if parents := params["parent"]:
        tests.append(lambda r: r["parent_id"] in parents)
    return tests


def _in_terms(field: str, ids: set[int]) -> Test:
    return lambda record: any(term["id"] in ids for term in record[field])
