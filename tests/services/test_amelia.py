"""The traps of Amelia at the door: addresses, keys, editions, the zone, what a "no" means, and privacy."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from higherself_sync.core.record import Draft, Marks, when
from higherself_sync.errors import ConfigError, Refused, Unanswered, Unauthorised, Unreachable
from higherself_sync.services.amelia import Amelia, Settings
from tests.contract.service_contract import marks
from tests.services.booking_site import (
    KEY,
    NOW,
    SITE,
    Told,
    TwinTransport,
    adapter,
    answer,
    fetched,
    index,
    read,
    utc,
)


@pytest.fixture
def site() -> TwinTransport:
    transport = TwinTransport()
    transport.furnish()
    return transport


@pytest.fixture
def booking(site: TwinTransport) -> Iterator[Amelia]:
    service = adapter(site)
    yield service
    service.close()


# --------------------------------------------------------------------------------------------------------- the address


def test_the_path_is_a_value_of_the_query_and_its_slashes_stay(site: TwinTransport, booking: Amelia) -> None:
    read(booking, "appointments")
    (asked,) = site.asked()
    assert asked == "/appointments&dates=2026-10-24,2027-02-21&page=1&limit=500"
    (request,) = [each for each in site.requests if each.path.endswith("admin-ajax.php")]
    assert request.query == f"action=wpamelia_api&call=/api/v1{asked}"


def test_the_key_goes_to_the_api_and_to_nothing_else(site: TwinTransport, booking: Amelia) -> None:
    read(booking, "services")
    keys = {request.path: request.headers.get("amelia") for request in site.requests}
    assert keys == {"/wp-json/": None, "/wp-admin/admin-ajax.php": KEY}


def test_an_address_with_a_sign_is_looked_for_as_it_is(site: TwinTransport, booking: Amelia) -> None:
    found = booking.replica("customers").find_created(Draft({"email": "zoe+tour@example.com"}, Marks()), NOW)
    assert found is not None
    assert found.values["email"] == "Zoe+tour@Example.com"
    assert site.asked() == ["/users/customers&search=zoe%2Btour%40example.com&page=1&limit=500"]


def settings(**more: Any) -> Settings:
    return Settings.model_validate({"url": SITE, "api_key": KEY, **more})


@pytest.mark.parametrize("pasted", ["/", "/wp-admin/admin-ajax.php", "/wp-json/wp/v2"])
def test_any_address_of_the_site_names_it(pasted: str) -> None:
    assert settings(url=f"{SITE}/studio{pasted}").url == f"{SITE}/studio"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("url", "http://site.test", "https is needed"),
        ("url", "site.test", "web address"),
        ("timezone", "Europe/Atlantis", "as Europe/Berlin"),
        ("timezone", "../../etc/passwd", "as Europe/Berlin"),
        ("ahead", 0, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused_by_the_config(key: str, value: object, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**{key: value})
    assert words in str(caught.value)
    assert KEY not in str(caught.value)


# ------------------------------------------------------------------------------------------------------------ the zone


def with_index(*, said: httpx.Response | None, **config: Any) -> Amelia:
    """`said`: what the index answers; None: nothing at all."""

    def told(request: httpx.Request) -> httpx.Response:
        if "wp-json" not in request.url.path:
            return answer(200, {"data": {"appointments": [], "filteredCount": 0}})
        if said is None:
            raise httpx.ConnectError("refused")
        return said

    return adapter(Told(told), **config)


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        (index(), "Europe/Berlin"),
        (index(), None),
        (index(timezone_string="", gmt_offset=1), None),
        (index(timezone_string="", gmt_offset="-3.5"), None),
        (index(timezone_string="", gmt_offset=1), "Etc/GMT-1"),
        (answer(401, {"code": "rest_login_required"}), "Europe/Berlin"),
        (answer(404, content=b"<html>"), "Europe/Berlin"),
        (answer(200, []), "Europe/Berlin"),
        (None, "Europe/Berlin"),
    ],
)
def test_a_zone_that_is_told_or_configured_will_do(said: httpx.Response | None, zone: str | None) -> None:
    assert read(with_index(said=said, timezone=zone), "appointments") == {}


@pytest.mark.parametrize(
    ("said", "zone", "message", "remedy"),
    [
        (index(), "Europe/London", "time zone is Europe/Berlin, not Europe/London", 'write timezone = "Europe/Berlin"'),
        (index(timezone_string="", gmt_offset=1), "Europe/Berlin", "an offset all the year", "leave timezone out"),
        (index(timezone_string="", gmt_offset=3), "Europe/Berlin", "fixed to an offset", "leave timezone out"),
        (index(timezone_string="Mars/Phobos"), None, "does not know the zone", "tzdata"),
        (answer(401, {}), None, "does not tell its time zone", "write timezone"),
        (answer(301, {}, location="https://www.site.test/wp-json/"), None, "redirects", "https://www.site.test"),
    ],
)
@pytest.mark.parametrize("stream", ["appointments", "customers", "services"])
def test_a_zone_that_is_wrong_or_unknown_stops_every_stream_before_it_is_read(
    said: httpx.Response, zone: str | None, message: str, remedy: str, stream: str
) -> None:
    service = with_index(said=said, timezone=zone)
    with pytest.raises(ConfigError) as caught:
        read(service, stream)
    assert message in caught.value.message
    assert remedy in caught.value.remedy
    assert service.requests() == 1


def test_a_site_that_once_said_where_it_is_must_not_move_by_itself() -> None:
    """Somebody has changed the site's zone: all its times mean something else now, and nobody has said so here."""
    cache: dict[str, str] = {}
    read(with_index(said=index(), timezone=None, cache=cache), "appointments")
    with pytest.raises(ConfigError, match="is Europe/London, not Europe/Berlin"):
        read(with_index(said=index(timezone_string="Europe/London"), timezone=None, cache=cache), "appointments")
    assert read(with_index(said=answer(401, {}), timezone=None, cache=cache), "appointments") == {}


def test_a_site_that_is_down_is_not_blamed_on_the_config() -> None:
    with pytest.raises(Unreachable):
        read(with_index(said=None, timezone=None), "appointments")


# ----------------------------------------------------------------------------------------------------------- saying no


def failing(*responses: httpx.Response) -> Told:
    left = list(responses)
    return Told(lambda request: index() if "wp-json" in request.url.path else left.pop(0) if len(left) > 1 else left[0])


@pytest.mark.parametrize("kind", ["application/json", "text/html;charset=UTF-8"])
def test_a_500_of_amelias_own_is_an_answer_and_not_asked_again(kind: str) -> None:
    told = failing(answer(500, {"message": "Unable to find by id in …"}, content_type=kind))
    with pytest.raises(Unreachable, match="Unable to find"):
        read(adapter(told), "customers")
    assert len(told.requests) == 2  # the index, and once


@pytest.mark.parametrize(
    "broken",
    [
        answer(500, content=b"<html>There has been a critical error"),
        answer(500, {"code": "internal_server_error", "message": "critical", "data": {"status": 500}}),
        answer(502, content=b"<html>Bad Gateway"),
        answer(200, content=b"<html>Under maintenance"),
        answer(200, content=b""),
    ],
)
def test_trouble_of_the_web_server_is_asked_again_and_then_unreachable(broken: httpx.Response) -> None:
    body = {"data": {"users": [], "filteredCount": 0}}
    assert read(adapter(failing(broken, answer(200, body))), "customers") == {}
    with pytest.raises(Unreachable):
        read(adapter(failing(broken)), "customers")


@pytest.mark.parametrize(
    ("status", "content", "error", "words"),
    [
        (404, b"", Unreachable, "the free edition has none"),
        (400, b"0", Unreachable, "Amelia is not active"),
        (200, b"0", Unreachable, "Amelia is not active"),
        (403, b"<html>Forbidden", Unreachable, "without JSON"),
        (404, b'{"message": "Not found."}', Unreachable, "update Amelia"),
        (403, b'{"message": "API is not enabled. \\u2026"}', Unauthorised, "not enabled"),
        (403, b'{"message": "Sonst was"}', Unauthorised, "Sonst was"),
        (302, b"", ConfigError, "redirects"),
    ],
)
def test_each_way_of_not_being_there_is_told(status: int, content: bytes, error: type[Exception], words: str) -> None:
    told = failing(answer(status, content=content, location="https://elsewhere.test/"))
    with pytest.raises(error) as caught:
        read(adapter(told), "appointments")
    told_ = f"{caught.value} {getattr(caught.value, 'remedy', '')}"
    assert words in told_
    assert KEY not in told_


def test_a_write_that_this_version_has_no_route_for_is_refused(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00")

    def told(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return answer(405, {"message": "Method not allowed. Must be one of: GET"})
        return site.handle_request(request)

    service = adapter(Told(told))
    (record,) = read(service, "appointments").values()
    with pytest.raises(Refused, match="Method not allowed"):
        service.replica("appointments").update(record, {"notes": "x"}, marks(1))


@pytest.mark.parametrize("status", [409, 500])
def test_a_refused_act_is_refused_under_either_status(site: TwinTransport, booking: Amelia, status: int) -> None:
    site.twin.knobs({"refusals": status})
    site.visit("2026-11-30 10:00")
    site.visit("2026-11-30 14:00", 4)
    record = read(booking, "appointments")["2"]
    with pytest.raises(Refused) as caught:
        booking.replica("appointments").update(record, {"when": when(utc(11, 30, 9))}, marks(1))
    assert caught.value.message == f"HTTP {status}: Time slot is unavailable"
    assert fetched(booking, "appointments", "2") == record


def test_a_lost_answer_to_a_change_is_simply_sent_again(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00")
    (record,) = read(booking, "appointments").values()
    site.lose = 1
    after = booking.replica("appointments").update(record, {"notes": "x"}, marks(1))
    assert (after.values["notes"], site.writes()) == ("x", 2)


def test_a_site_that_fails_at_every_attempt_may_have_written(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00")
    (record,) = read(booking, "appointments").values()
    site.lose = 99
    with pytest.raises(Unanswered):
        booking.replica("appointments").update(record, {"notes": "x"}, marks(1))


# ------------------------------------------------------------------------------------------------------------- privacy


def test_meeting_addresses_and_tokens_get_nowhere(site: TwinTransport) -> None:
    site.twin.clear()
    site.twin.fill(200, 3, NOW)
    held = repr(site.twin.dump())
    assert "host-key" in held
    service = adapter(site)
    shown = repr([read(service, stream) for stream in ("appointments", "customers", "services")])
    assert "host-key" not in shown
    assert "guest-key" not in shown


# -------------------------------------------------------------------------------------------------------------- health


def checks(service: Amelia) -> dict[str, str]:
    return {check.name: check.status for check in service.health()}


def test_health_asks_twice(site: TwinTransport, booking: Amelia) -> None:
    assert checks(booking) == {"site": "ok", "edition": "ok", "key": "ok", "zone": "ok"}
    assert len(site.requests) == 2


@pytest.mark.parametrize(
    ("knobs", "failing_"),
    [({"edition": "lite"}, "edition"), ({"plugin": "off"}, "edition"), ({"api": "off"}, "key")],
)
def test_health_tells_edition_and_key_apart(site: TwinTransport, knobs: dict[str, str], failing_: str) -> None:
    site.twin.knobs(knobs)
    found = {check.name: check for check in adapter(site).health()}
    assert {name for name, check in found.items() if check.status == "fail"} == {failing_}
    assert found[failing_].exit_code == 5
    assert found[failing_].remedy


def test_health_warns_where_the_site_does_not_tell_its_zone() -> None:
    said = answer(401, {"code": "rest_login_required"})
    assert checks(with_index(said=said)) == {"site": "warn", "edition": "ok", "key": "ok", "zone": "warn"}
    assert checks(with_index(said=said, timezone=None))["zone"] == "fail"


def test_the_account_is_the_site() -> None:
    assert adapter(TwinTransport(), url=f"{SITE}/wp-admin/").account == f"amelia {SITE}"
