"""Webhooks: kept here, delivered when they are asked for."""

from typing import Any

from higherself_sync.sandbox.woocommerce import dates
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.resource import (
    DATED,
    PAGING,
    Resource,
    Test,
    Values,
    Visit,
    date_tests,
    id_tests,
)
from higherself_sync.sandbox.woocommerce.schema import Arg, string
from higherself_sync.sandbox.woocommerce.store import Record


class Webhooks(Resource):
    name = "webhooks"
    table = "webhooks"
    kind = "shop_webhook"
    args = {
        "name": string(), "topic": string(), "delivery_url": string(), "secret": string(),
        "status": string("active", "paused", "disabled"),
    }  # fmt: skip
    params = {**PAGING, **DATED, "status": string("all", "active", "paused", "disabled", default="all")}

    def tests(self, params: Values) -> list[Test]:
        return [*id_tests(params), *date_tests(params)]

    def show(self, record: Record, visit: Visit, context: str = "view") -> dict[str, Any]:
        return {name: value for name, value in super().show(record, visit, context).items() if name != "secret"}

    def create(self, data: Values, visit: Visit) -> Record:
        raise Refused("x", "x")
