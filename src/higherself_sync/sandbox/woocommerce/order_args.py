"""What an order may be created, changed and asked for with."""

from higherself_sync.sandbox.woocommerce import schema
from higherself_sync.sandbox.woocommerce.resource import DATED, PAGING
from higherself_sync.sandbox.woocommerce.schema import Arg, array, boolean, integer, record, string

STATUSES = (
    "auto-draft", "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft",
)  # fmt: skip
PAID = ("processing", "completed")
SELLING = ("processing", "completed", "on-hold")
"""The statuses in which the stock of an order's products is taken and counted as sold."""

_PLACE = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country")
BILLING = (*_PLACE, "email", "phone")
SHIPPING = (*_PLACE, "phone")

LINE = {
    "id": integer(),
    "name": Arg(("string", "null")),
    "product_id": Arg(("integer", "null")),
    "variation_id": integer(),
    "quantity": integer(),
    "tax_class": string(),
    "subtotal": string(),
    "total": string(),
    "sku": string(),
    "meta_data": schema.META,
}
ARGS: dict[str, Arg] = {
    "parent_id": integer(),
    "status": string(*STATUSES),
    "currency": string(),
    "customer_id": integer(),
    "customer_note": string(),
    "billing": record(
        **{name: Arg(("string", "null"), format="email") if name == "email" else string() for name in BILLING}
    ),
    "shipping": record(**{name: string() for name in _PLACE}),
    "payment_method": string(),
    "payment_method_title": string(),
    "transaction_id": string(),
    "meta_data": schema.META,
    "line_items": array(record(**LINE)),
    "shipping_lines": array(
        record(
            id=integer(),
            method_title=Arg(("string", "null")),
            method_id=Arg(("string", "null")),
            instance_id=string(),
            total=string(),
            meta_data=schema.META,
        )
    ),
    "fee_lines": array(
        record(
            id=integer(),
            name=Arg(("string", "null")),
            tax_class=string(),
            tax_status=string("taxable", "none"),
            total=string(),
            meta_data=schema.META,
        )
    ),
    "coupon_lines": array(record(id=integer(), code=Arg(("string", "null")), meta_data=schema.META)),
    "set_paid": boolean(),
}
PARAMS: dict[str, Arg] = {
    **PAGING,
    **DATED,
    "parent": schema.IDS,
    "parent_exclude": schema.IDS,
    "status": array(string("any", "trash", *STATUSES), default=["any"]),
    "customer": integer(),
    "product": integer(),
    "dp": integer(default=2),
    "order_item_display_meta": boolean(default=False),
    "include_meta": array(string(), default=()),
    "exclude_meta": array(string(), default=()),
}
