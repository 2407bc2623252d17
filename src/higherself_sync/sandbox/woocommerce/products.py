"""Products: how they are made, changed, found and thrown away. Variations are next door."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from itertools import count
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, goods, pricing, text
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused
from higherself_sync.sandbox.woocommerce.goods import plain
from higherself_sync.sandbox.woocommerce.product_args import ARGS, LISTED, PARAMS, STATUSES, TYPES, UNSERVED
from higherself_sync.sandbox.woocommerce.resource import Resource, Test, Values, date_tests, equals, id_tests
from higherself_sync.sandbox.woocommerce.store import Record
from higherself_sync.sandbox.woocommerce.webhooks import announce

UNCATEGORIZED = 15
TEXTS = ("name", "description", "short_description")
COPIED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("featured", "virtual", "downloadable", "sold_individually", "reviews_allowed"), text.truth),
    **dict.fromkeys(("catalog_visibility", "external_url", "button_text", "tax_status", "tax_class", "weight"), str),
    **dict.fromkeys(("purchase_note", "post_password", "global_unique_id"), str),
    **dict.fromkeys(("download_limit", "download_expiry", "menu_order"), int),
    **dict.fromkeys(("downloads", "upsell_ids", "cross_sell_ids", "default_attributes", "grouped_products"), plain),
    "parent_id": text.whole,
}
ELSEWHERE = (
    "To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint."
)


class Products(Resource):
    name = "products"
    table = "products"
    kind = "product"
    args = ARGS
    params = PARAMS
    unserved = UNSERVED
    is_open_when_absent = True

    # reading

    def candidates(self, params: Values) -> Iterable[Record]:
        """With `sku` the variations are searched too, as the shop's own query does."""
        products = super().candidates(params)
        if not params["sku"]:
            return products
        return [*products, *(self.as_product(variation) for variation in self.store.all("variations"))]

    def as_product(self, variation: Record) -> Record:
        """A variation in the shape of a product, as `sku` and an id find it."""
        parent = self.store.get("products", variation["parent_id"])
        name = f"{parent['name']} - {variation['name']}" if parent else variation["name"]
        return {**blank(), **variation, "name": name, "price_html": pricing.html(variation)}

    def tests(self, params: Values) -> list[Test]:
        tests = [*id_tests(params), *date_tests(params), *_status_tests(params), *_term_tests(params)]
        if skus := params["sku"]:
            wanted = {sku.lower() for sku in (*skus.split(","), skus)}
            tests.append(lambda r: r["sku"].lower() in wanted)
        if words := params["search"].lower().split():
            tests.append(lambda r: all(word in _searched(r) for word in words))
        if ids := params["parent"]:
            tests.append(lambda r: r["parent_id"] in ids)
        fields = ("type", "slug", "stock_status", "featured", "virtual", "downloadable", "on_sale")
        return [*tests, *(equals(field, params[field]) for field in fields if params[field] is not None)]

    def found(self, record_id: int, status: int) -> Record:
        if variation := self.store.get("variations", record_id):
            return self.as_product(variation)
        return super().found(record_id, status)

    def show(self, record: Record, context: str = "view") -> dict[str, Any]:
        """A write is answered with descriptions as typed and with two more fields."""
        shown = super().show(record, context)
        if context == "view":
            written = ("description", "short_description", "purchase_note")
            return shown | {field: text.paragraphs(shown[field]) for field in written}
        links = {"_links": shown.pop("_links")}
        rating = {"average_rating": str(text.number(float(shown["average_rating"])))}
        slug = record["slug"] or text.slug(record["name"])
        template = f"{self.visit.base}/product/%pagename%/"
        return shown | rating | {"permalink_template": template, "generated_slug": slug} | links

    def links(self, record: Record, api: str) -> dict[str, Any]:
        up = {"up": [{"href": f"{api}/products/{record['parent_id']}"}]} if record["parent_id"] else {}
        return super().links(record, api) | up

    # writing

    def create(self, data: Values) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_product_exists", "Cannot create existing product.")
        draft = blank() | dates.pair("date_created", self.visit.now)
        draft["type"] = data["type"] if data.get("type") in TYPES else "simple"
        self._write(draft, {**data, "name": data.get("name") or "Product"})
        draft["id"] = self.store.new_id("products")
        draft["related_ids"] = self._related(draft)
        stored = self.save(draft)
        announce(self.store, "product", "created", stored["id"])
        return stored

    def update(self, record_id: int, data: Values) -> Record:
        if self.found(record_id, 400)["type"] == "variation":
            raise Refused("woocommerce_rest_invalid_product_id", ELSEWHERE, 404)
        draft = self.store.draft("products", record_id)
        before = draft["status"]
        if data.get("type") in TYPES:
            draft["type"] = data["type"]
        self._write(draft, data)
        if before == "trash" != draft["status"]:
            goods.take_back_slug(draft)
        if before != "trash" == draft["status"]:
            goods.lay_aside_slug(self.store, draft)
        return self.save(draft)

    def save(self, draft: Record) -> Record:
        """Settles what follows from the rest, stamps the change (always, even an empty one) and stores it."""
        draft |= dates.pair("date_modified", self.visit.now)
        self._settle_price(draft)
        goods.settle_stock(draft)
        self._settle_shop(draft)
        announce(self.store, "product", "updated", draft["id"])
        return self.store.put("products", draft)

    def _write(self, draft: Record, data: Values) -> None:
        """Everything that a request may set; what is not there stays."""
        if data.get("images"):
            raise NotServed("product images")
        goods.copy_fields(draft, data, COPIED)
        goods.copy_fields(draft, data, dict.fromkeys(TEXTS, _saved_text))
        goods.copy_fields(draft, data, {"status": _valid_status, "slug": lambda value: text.slug(str(value))})
        goods.write_sku(self.store, draft, data)
        goods.write_prices(draft, data)
        goods.write_stock(draft, data)
        goods.write_dimensions(draft, data)
        _write_creation(draft, data)
        self._write_terms(draft, data)
        if isinstance(given := data.get("attributes"), list):
            draft["attributes"] = [_attribute(a) for a in given if a.get("name") and a.get("options") is not None]
        goods.write_meta(self.store, draft, data.get("meta_data"))

    def _write_terms(self, draft: Record, data: Values) -> None:
        """Unknown categories are passed over; a product without one is uncategorized."""
        if isinstance(terms := data.get("categories"), list):
            known = (self.store.get("categories", text.whole(term.get("id"))) for term in terms)
            draft["categories"] = [_term(category) for category in known if category] or [_term(uncategorized())]
        if isinstance(terms := data.get("tags"), list):
            draft["tags"] = [_term(tag) for term in terms if (tag := self._tag(term))]

    def _tag(self, term: Mapping[str, Any]) -> Record | None:
        """By id, or by a name that is made when it is new."""
        if not (name := str(term.get("name") or "")):
            return self.store.get("tags", text.whole(term.get("id")))
        known = (tag for tag in self.store.all("tags") if tag["name"].lower() == text.encoded(name).lower())
        new = {"name": text.encoded(name), "slug": text.slug(name)}
        return next(known, None) or self.store.put("tags", {"id": self.store.new_id("tags"), **new})

    def _settle_price(self, draft: Record) -> None:
        match draft["type"]:
            case "variable":
                below = (self.store.get("variations", n) for n in draft["variations"])
                prices = [variation["price"] for variation in below if variation and variation["status"] == "publish"]
            case "grouped":
                members = (self.store.get("products", n) for n in draft["grouped_products"])
                prices = [member["price"] for member in members if member]
            case _:
                pricing.settle(draft, self.visit.now)
                draft["price_html"] = pricing.html(draft)
                return
        draft |= {"price": pricing.lowest(prices), "on_sale": False, "price_html": pricing.range_html(prices)}

    def _settle_shop(self, draft: Record) -> None:
        """How it is sent, whether it can be bought, and where it is seen."""
        is_sent = not draft["virtual"]
        draft |= {"shipping_required": is_sent, "shipping_taxable": is_sent and draft["tax_status"] != "none"}
        draft["purchasable"] = draft["price"] != "" and draft["type"] in ("simple", "variable")
        draft["has_options"] = draft["type"] == "variable" and any(a["variation"] for a in draft["attributes"])
        if draft["status"] in ("publish", "private", "future") or (draft["slug"] and draft["status"] != "trash"):
            wanted = text.slug(draft["slug"] or draft["name"]) or str(draft["id"])
            draft["slug"] = self._free_slug(wanted, draft["id"])
        draft["permalink"] = _permalink(draft)

    def _free_slug(self, wanted: str, own_id: int) -> str:
        held = self.store.slugs
        if held.get(wanted) in (None, own_id):
            return wanted
        return next(slug for n in count(2) if held.get(slug := f"{wanted}-{n}") in (None, own_id))

    def _related(self, draft: Record) -> list[int]:
        """Up to five others of its categories. The real shop draws lots anew at every reading."""
        own = {term["id"] for term in draft["categories"]}
        related: list[int] = []
        for other in reversed(self.store.tables["products"].values()):
            if len(related) == 5:
                break
            if other["status"] == "publish" and own & {term["id"] for term in other["categories"]}:
                related.append(other["id"])
        return related

    # the trash

    def trash(self, record_id: int) -> None:
        draft = self.store.draft("products", record_id)
        goods.put_in_trash(self.store, draft, self.visit.now)
        draft["permalink"] = _permalink(draft)
        self.store.put("products", draft | dates.pair("date_modified", self.visit.now))
        for variation in self._variations(draft):
            gone = {**variation, "status": "trash"} | dates.pair("date_modified", self.visit.now)
            self.store.put("variations", gone)
        announce(self.store, "product", "deleted", record_id)

    def destroy(self, record_id: int) -> None:
        for variation in self._variations(self.found(record_id, 404)):
            self.store.remove("variations", variation["id"])
            self.store.gone[variation["id"]] = True
        self.store.remove("products", record_id)
        self.store.gone[record_id] = True

    def _variations(self, product: Record) -> list[Record]:
        return [found for n in product["variations"] if (found := self.store.get("variations", n))]


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


def _saved_text(value: Any) -> str:
    return text.encoded(str(value))


def _valid_status(value: Any) -> str:
    return str(value) if value in STATUSES else "draft"


def _attribute(attribute: Mapping[str, Any]) -> Record:
    options = attribute["options"]
    name = text.cleaned(str(attribute["name"]))
    return {
        "id": 0,
        "name": name,
        "slug": name,
        "position": text.whole(attribute.get("position")),
        "visible": bool(attribute.get("visible")),
        "variation": bool(attribute.get("variation")),
        "options": options if isinstance(options, list) else [part.strip() for part in str(options).split("|")],
    }


def _permalink(product: Record) -> str:
    if product["status"] in ("publish", "private"):
        return f"/product/{product['slug']}/"
    return f"/?post_type=product&p={product['id']}"


def _write_creation(draft: Record, data: Values) -> None:
    for field, zone in (("date_created", dates.SITE), ("date_created_gmt", UTC)):
        if (value := data.get(field)) and (moment := dates.loose(str(value), zone)):
            draft |= dates.pair("date_created", moment)


def _searched(record: Record) -> str:
    return f"{record['name']}\n{record['description']}\n{record['short_description']}".lower()


def _status_tests(params: Values) -> list[Test]:
    wanted = params["include_status"] or [params["status"]]
    statuses = LISTED if "any" in wanted else frozenset(wanted)
    kept = statuses - frozenset(params["exclude_status"] or ())
    return [lambda record: record["status"] in kept]


def _term_tests(params: Values) -> list[Test]:
    tests: list[Test] = []
    for field, terms in (("category", "categories"), ("tag", "tags")):
        if params[field]:
            tests.append(_in_terms(terms, {text.whole(part) for part in params[field].split(",")}))
    if low := params["min_price"]:
        tests.append(lambda r: r["price"] != "" and text.amount(r["price"]) >= text.amount(low))
    if high := params["max_price"]:
        tests.append(lambda r: r["price"] != "" and text.amount(r["price"]) <= text.amount(high))
    return tests


def _in_terms(field: str, ids: set[int]) -> Test:
    return lambda record: any(term["id"] in ids for term in record[field])
