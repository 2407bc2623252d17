"""What a config has to say of the sandbox's services, asked of each twin."""

import pytest

from higherself_sync import services as registry
from higherself_sync.sandbox.build import build_sandbox, services


@pytest.mark.parametrize("budget", [True, False])
def test_each_twin_of_a_service_says_how_it_is_configured(budget: bool) -> None:
    sandbox = build_sandbox(records=0)
    tables = services(sandbox, "http://127.0.0.1:1", budget=budget)
    assert {table["kind"] for table in tables.values()} == {each.name for each in sandbox.twins} & set(registry.KINDS)
    for table in tables.values():
        own = {key: value for key, value in table.items() if key not in ("conflict", "streams")}
        settings = registry.load(table["kind"]).Settings.model_validate(own)
        address = f"{getattr(settings, 'url', None) or settings.base_url}/"
        assert address.startswith(f"http://127.0.0.1:1/{table['kind']}/"), "some have their API below it"


def test_who_keeps_customers_comes_before_who_mentions_them() -> None:
    assert next(iter(services(build_sandbox(records=0), "http://127.0.0.1:1", budget=False))) == "shop"


def test_requests_are_counted_only_where_limits_are_real() -> None:
    forms = [services(build_sandbox(records=0), "http://x", budget=each)["forms"] for each in (True, False)]
    assert [table.get("requests_per_second") for table in forms] == [None, 0]
