"""What a product may be created, changed and asked for with."""

from higherself_sync.sandbox.woocommerce import schema
from higherself_sync.sandbox.woocommerce.resource import DATED, PAGING
from higherself_sync.sandbox.woocommerce.schema import Arg, array, boolean, integer, record, string

WRITTEN_STATUSES = ("draft", "pending", "private", "publish")
STATUSES = (*WRITTEN_STATUSES, "future", "auto-draft", "trash")
LISTED = frozenset((*WRITTEN_STATUSES, "future"))
"""What `status=any` means: never the trash (trap 5)."""
TYPES = ("simple", "grouped", "external", "variable")

_TERMS = array(record(id=integer(), name=string(), slug=string()))
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
    "dimensions": record(length=string(), width=string(), height=string()),
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
    "categories": _TERMS,
    "brands": _TERMS,
    "tags": _TERMS,
    "images": array(record(id=integer(), src=string(), name=string(), alt=string())),
    "attributes": array(
        record(
            id=integer(),
            name=string(),
            position=integer(),
            visible=boolean(),
            variation=boolean(),
            options=array(string()),
        )
    ),
    "default_attributes": array(record(id=integer(), name=string(), option=string())),
}
PARAMS: dict[str, Arg] = {
    **PAGING,
    **DATED,
    "orderby": string(
        *("date", "id", "include", "title", "slug", "modified", "menu_order", "price", "popularity", "rating"),
        default="date",
    ),
    "parent": schema.IDS,
    "parent_exclude": schema.IDS,
    "slug": string(),
    "status": string("any", "future", "trash", *WRITTEN_STATUSES, default="any"),
    "include_status": array(string("any", "future", "trash", *WRITTEN_STATUSES)),
    "exclude_status": array(string("future", "trash", *WRITTEN_STATUSES)),
    "type": string(*TYPES),
    "sku": string(),
    "featured": boolean(),
    "category": string(),
    "tag": string(),
    "on_sale": boolean(),
    "min_price": string(),
    "max_price": string(),
    "stock_status": string("instock", "outofstock", "onbackorder"),
    "virtual": boolean(),
    "downloadable": boolean(),
    "include_meta": array(string()),
    "exclude_meta": array(string()),
}
UNSERVED = frozenset((
    "attribute", "attribute_term", "brand", "shipping_class", "tax_class", "search_sku", "search_name_or_sku",
    "search_fields", "include_types", "exclude_types", "stock_quantity", "min_stock_quantity", "max_stock_quantity",
    "global_unique_id", "pos_products_only",
))  # fmt: skip
