"""What an order may be created, changed and asked for with."""

from higherself_sync.sandbox.woocommerce import schema
from higherself_sync.sandbox.woocommerce.resource import DATED, PAGING
from higherself_sync.sandbox.woocommerce.schema import MIXED, Arg, array, boolean, integer, record, string

STATUSES = (
    "auto-draft", "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft",
)  # fmt: skip
PAID = ("processing", "completed")
SELLING = ("processing", "completed", "on-hold")
"""The statuses in which an order's goods are taken from the stock and counted as sold."""

_PLACE = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country")
BILLING = (*_PLACE, "email", "phone")
SHIPPING = (*_PLACE, "phone")
_EMAIL = Arg(("string", "null"), format="email")

LINES: dict[str, Arg] = {
    "line_items": array(
        record(
            id=integer(),
            name=MIXED,
            product_id=MIXED,
            variation_id=integer(),
            quantity=integer(),
            tax_class=string(),
            subtotal=string(),
            total=string(),
            meta_data=schema.META,
        )
    ),
    "shipping_lines": array(
        record(
            id=integer(),
            method_title=MIXED,
            method_id=MIXED,
            instance_id=string(),
            total=string(),
            meta_data=schema.META,
        )
    ),
    "fee_lines": array(
        record(
            id=integer(),
            name=MIXED,
            tax_class=string(),
            tax_status=string("taxable", "none"),
            total=string(),
            meta_data=schema.META,
        )
    ),
    "coupon_lines": array(record(id=integer(), code=MIXED, meta_data=schema.META)),
}
ARGS: dict[str, Arg] = {
    "parent_id": integer(),
    "created_via": string(),
    "status": string(*STATUSES),
    "currency": string(),
    "customer_id": integer(),
    "customer_note": string(),
    "billing": record(**{name: _EMAIL if name == "email" else string() for name in BILLING}),
    "shipping": record(**{name: string() for name in _PLACE}),
    "payment_method": string(),
    "payment_method_title": string(),
    "transaction_id": string(),
    "meta_data": schema.META,
    **LINES,
    "set_paid": boolean(),
    "manual_update": boolean(),
}
PARAMS: dict[str, Arg] = {
    **PAGING,
    **DATED,
    "parent": schema.IDS,
    "parent_exclude": schema.IDS,
    "status": array(string("any", "trash", *STATUSES), default=["any"]),
    "customer": integer(),
    "product": integer(),
    "created_via": array(string()),
    "dp": integer(default=2),
    "include_meta": array(string()),
    "exclude_meta": array(string()),
}
