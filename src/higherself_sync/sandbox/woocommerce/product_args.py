"""What a product may be created, changed and asked for with."""

from higherself_sync.sandbox.woocommerce import schema
from higherself_sync.sandbox.woocommerce.resource import DATED, PAGING
from higherself_sync.sandbox.woocommerce.schema import Arg, array, boolean, integer, record, string

STATUSES = ("draft", "pending", "private", "publish", "future", "auto-draft", "trash")
TYPES = ("simple", "grouped", "external", "variable")
LISTED = frozenset(("publish", "draft", "pending", "private", "future"))

DIMENSIONS = record(length=string(), width=string(), height=string())
PRICED: dict[str, Arg] = {
    "description": string(),
    "sku": string(),
    "global_unique_id": string(),
    "regular_price": string(),
    "sale_price": string(),
    "date_on_sale_from": schema.DATE,
    "date_on_sale_from_gmt": schema.DATE,
    "date_on_sale_to": schema.DATE,
    "date_on_sale_to_gmt": schema.DATE,
    "virtual": boolean(),
    "downloadable": boolean(),
    "downloads": array(record(id=string(), name=string(), file=string())),
    "download_limit": integer(),
    "download_expiry": integer(),
    "tax_status": string("taxable", "shipping", "none"),
    "tax_class": string(),
    "manage_stock": boolean(),
    "stock_quantity": integer(),
    "stock_status": string("instock", "outofstock", "onbackorder"),
    "backorders": string("no", "notify", "yes"),
    "low_stock_amount": Arg(("integer", "null")),
    "weight": string(),
    "dimensions": DIMENSIONS,
    "shipping_class": string(),
    "menu_order": integer(),
    "meta_data": schema.META,
}
ARGS: dict[str, Arg] = {
    **PRICED,
    "name": string(),
    "slug": string(),
    "date_created": schema.DATE,
    "date_created_gmt": schema.DATE,
    "type": string(*TYPES),
    "status": string(*STATUSES),
    "featured": boolean(),
    "catalog_visibility": string("visible", "catalog", "search", "hidden"),
    "short_description": string(),
    "external_url": string(),
    "button_text": string(),
    "sold_individually": boolean(),
    "reviews_allowed": boolean(),
    "post_password": string(),
    "upsell_ids": array(integer()),
    "cross_sell_ids": array(integer()),
    "parent_id": integer(),
    "purchase_note": string(),
    "categories": array(record(id=integer(), name=string(), slug=string())),
    "brands": array(record(id=integer(), name=string(), slug=string())),
    "tags": array(record(id=integer(), name=string(), slug=string())),
    "images": array(record(id=integer(), src=string(), name=string(), alt=string())),
    "attributes": array(
        record(id=integer(), name=string(), position=integer(), visible=boolean(), variation=boolean(), options=array(string()))
    ),
    "default_attributes": array(record(id=integer(), name=string(), option=string())),
    "grouped_products": array(integer()),
}
PARAMS: dict[str, Arg] = {
    **PAGING,
    **DATED,
    "orderby": string(
        "date", "id", "include", "title", "slug", "modified", "popularity", "rating", "price", "menu_order", "random",
        "post__in", default="date",
    ),
    "parent": schema.IDS,
    "parent_exclude": schema.IDS,
    "slug": string(),
    "status": string("any", "future", "trash", *STATUSES[:4], default="any"),
    "include_status": array(string("any", "future", "trash", *STATUSES[:4])),
    "exclude_status": array(string("future", "trash", *STATUSES[:4])),
    "type": string(*TYPES),
    "sku": string(),
    "featured": boolean(),
    "category": Arg(("string",)),
    "tag": Arg(("string",)),
    "on_sale": boolean(),
    "min_price": string(),
    "max_price": string(),
    "stock_status": string("instock", "outofstock", "onbackorder"),
    "virtual": boolean(),
    "downloadable": boolean(),
}
UNSERVED = frozenset(
    ("attribute", "attribute_term", "shipping_class", "tax_class", "search_sku", "search_name_or_sku", "search_fields",
     "include_types", "exclude_types", "stock_quantity", "min_stock_quantity", "max_stock_quantity", "global_unique_id",
     "pos_products_only", "include_meta", "exclude_meta")
)
