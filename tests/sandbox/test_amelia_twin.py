"""Address, key and lists of the booking site's paid edition, as the references tell of them."""

import json

import pytest

from higherself_sync.sandbox.wire import Request
from tests.sandbox.amelia_client import AJAX, KEY, SITE, Client, furnished, visit


@pytest.fixture
def site() -> Client:
    return furnished()


# -------------------------------------------------------------------------------------------------- address and key


def test_all_goes_through_one_address_and_the_path_is_a_value_of_the_query(site: Client) -> None:
    assert site.send("GET", "action=wpamelia_api&call=/api/v1/appointments&page=1&limit=5").status == 200
    assert site.send("GET", "action=wpamelia_api&call=/api/v1/appointments?page=1").status == 404


def test_slashes_may_be_encoded_as_php_decodes_the_query(site: Client) -> None:
    assert site.send("GET", "action=wpamelia_api&call=%2Fapi%2Fv1%2Fappointments").status == 200


@pytest.mark.parametrize(
    ("key", "api", "message"),
    [
        ({}, "on", "Missing API key. Please provide a valid API key to access this resource."),
        ({"amelia": "wrong"}, "on", "Invalid API key. Please provide a valid API key to access this resource."),
        (KEY, "off", "API is not enabled. Please enable API in the features page."),
    ],
)
def test_no_key_a_wrong_one_and_a_closed_api_are_all_403(
    site: Client, key: dict[str, str], api: str, message: str
) -> None:
    site.twin.knobs({"api": api})
    answer = site.send("GET", "action=wpamelia_api&call=/api/v1/appointments", headers=key)
    assert (answer.status, answer.body, answer.content_type) == (403, {"message": message}, "application/json")


@pytest.mark.parametrize("path", ["/nowhere", "/appointments/abc", "/appointments/1/2", "/settings", ""])
def test_an_unknown_route_is_404_and_ids_are_digits(site: Client, path: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.body) == (404, {"message": "Not found."})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/appointments", "GET, POST"),
        ("PATCH", "/appointments/1", "GET, POST"),
        ("DELETE", "/users/customers/1", "GET, POST"),
        ("GET", "/appointments/status/1", "POST"),
        ("POST", "/entities", "GET"),
    ],
)
def test_any_verb_but_get_and_post_is_405(site: Client, method: str, path: str, allowed: str) -> None:
    answer = site.call(method, path)
    assert (answer.status, answer.body) == (405, {"message": f"Method not allowed. Must be one of: {allowed}"})


def test_what_the_browser_asks_of_a_paid_site_is_not_served(site: Client) -> None:
    assert site.send("GET", "action=wpamelia_api&call=/appointments").status == 501


def test_without_the_plugin_wordpress_answers_zero(site: Client) -> None:
    site.twin.knobs({"plugin": "off"})
    response = site.twin.answer(Request("GET", AJAX, "action=wpamelia_api&call=/api/v1/services", KEY), site.now)
    assert (response.status, response.body) == (400, b"0")
    assert response.headers["content-type"].startswith("text/html")


def test_another_action_is_nobody_s(site: Client) -> None:
    response = site.twin.answer(Request("GET", AJAX, "action=heartbeat", KEY), site.now)
    assert (response.status, response.body) == (400, b"0")


def test_the_site_tells_its_zone_to_anybody(site: Client) -> None:
    response = site.twin.answer(Request("GET", "/wp-json/", base=SITE), site.now)
    assert json.loads(response.body)["timezone_string"] == "Europe/Berlin"


def test_of_the_routes_of_rest_only_wordpress_own_exist(site: Client) -> None:
    response = site.twin.answer(Request("GET", "/wp-json/", "_fields=namespaces,name", base=SITE), site.now)
    body = json.loads(response.body)
    assert list(body) == ["name", "namespaces"]
    assert "wp/v2" in body["namespaces"]
    assert not [one for one in body["namespaces"] if one.startswith("wc")]
    response = site.twin.answer(Request("GET", "/wp-json/wc/v3/orders", base=SITE), site.now)
    assert (response.status, json.loads(response.body)["code"]) == (404, "rest_no_route")


@pytest.mark.parametrize("path", ["/wp-json/", AJAX])
@pytest.mark.parametrize("edition", ["elite", "lite"])
def test_a_head_is_a_get_without_the_body(edition: str, path: str) -> None:
    site = Client(edition)
    query = f"action=wpamelia_api&call={site.prefix}/services"
    answer, head = (
        site.twin.answer(Request(method, path, query, site.headers, base=SITE), site.now) for method in ("GET", "HEAD")
    )
    assert (head.status, head.headers, head.body) == (answer.status, answer.headers, b"")
    assert answer.status == 200


@pytest.mark.parametrize(
    ("method", "path", "query", "name"),
    [
        ("GET", "/slots", "", "/slots"),
        ("GET", "/events/1", "", "/events/1"),
        ("GET", "/users/providers/1", "", "one provider"),
        ("GET", "/entities", "&types=events", "events"),
        ("GET", "/payments", "&sort=invoiceNumber", "invoiceNumber"),
        ("POST", "/services", "", "POST /services"),
        ("POST", "/bookings/reassign/1", "", "reassign"),
    ],
)
def test_what_a_real_site_has_and_the_twin_has_not_is_501_by_name(
    site: Client, method: str, path: str, query: str, name: str
) -> None:
    answer = site.call(method, path, query)
    assert answer.status == 501
    assert name in answer.body["message"]


# --------------------------------------------------------------------------------------------------------- the list


def test_a_list_is_keyed_by_date_and_an_empty_one_is_a_list(site: Client) -> None:
    assert site.get("/appointments").data["appointments"] == []
    visit(site, "2026-12-01")
    visit(site, "2026-12-03")
    days = site.get("/appointments").data["appointments"]
    assert list(days) == ["2026-12-01", "2026-12-03"]
    assert days["2026-12-01"]["date"] == "2026-12-01"


def test_a_plain_list_lacks_what_depends_on_the_hour(site: Client) -> None:
    visit(site, "2026-12-01")
    (plain,) = site.get("/appointments", asArray="true").data["appointments"]
    (dated,) = site.get("/appointments").data["appointments"]["2026-12-01"]["appointments"]
    assert dated.keys() - plain.keys() == {"cancelable", "reschedulable", "past", "isGroup"}


def test_without_a_page_there_is_no_limit(site: Client) -> None:
    for day in range(1, 29):
        visit(site, f"2026-12-{day:02}")
    assert len(site.get("/appointments").ids) == 28
    assert len(site.get("/appointments", limit=5).ids) == 28
    assert len(site.get("/appointments", page=1).ids) == 12, "the setting of a new site"
    site.twin.knobs({"items_per_page": 20})
    assert len(site.get("/appointments", page=1).ids) == 20
    assert len(site.get("/appointments", page=2).ids) == 8
    assert site.get("/appointments", page=3).data["appointments"] == []
    assert len(site.get("/appointments", page=1, limit=5).ids) == 5


def test_a_limit_is_held_to_500(site: Client) -> None:
    for day in range(1, 32):
        for hour in range(5, 22):
            visit(site, f"2026-12-{day:02}", hour)
    assert len(site.get("/appointments", page=1, limit=10_000).ids) == 500
    assert len(site.get("/appointments", page=2, limit=10_000).ids) == 31 * 17 - 500


def test_counts_follow_the_filters_and_not_the_page(site: Client) -> None:
    for day in range(1, 6):
        visit(site, f"2026-12-0{day}", status="pending" if day == 2 else "approved")
    site.change("appointments", 3, status="canceled")
    answer = site.get("/appointments", page=2, limit=1, dates="2026-12-01,2026-12-04").data
    counts = {"total": 4, "totalApproved": 2, "totalPending": 1, "totalCount": 5, "filteredCount": 4}
    assert {name: answer[name] for name in counts} == counts


def test_dates_are_of_the_site_s_days_both_included_in_either_spelling(site: Client) -> None:
    first, _, _ = (visit(site, f"2026-12-0{day}", 23)["id"] for day in (1, 2, 3))
    assert site.get("/appointments", dates="2026-12-01,2026-12-02").ids == [first, first + 1]
    assert site.call("GET", "/appointments", "&dates[]=2026-12-02&dates[]=2026-12-03").ids == [first + 1, first + 2]
    assert site.get("/appointments", dates="2026-12-03,").ids == [first + 2], "open to the right"


@pytest.mark.parametrize("wrong", ["01.12.2026", "2026-12-1", "tomorrow", "2026-12-01T00:00:00"])
def test_a_malformed_date_silently_becomes_today(site: Client, wrong: str) -> None:
    today = visit(site, "2026-11-23", 19)["id"]
    visit(site, "2026-12-01")
    answer = site.get("/appointments", dates=f"{wrong},{wrong}")
    assert (answer.status, answer.ids) == (200, [today])


def test_the_order_is_that_of_the_start_unless_asked_otherwise(site: Client) -> None:
    late, early = visit(site, "2026-12-02")["id"], visit(site, "2026-12-01")["id"]
    assert site.get("/appointments").ids == [early, late]
    assert site.get("/appointments", sort="id", asArray=1).ids == [late, early]
    assert site.get("/appointments", sort="-id", asArray=1).ids == [early, late]


def test_filters_by_status_service_provider_and_customer(site: Client) -> None:
    site.add("providers", firstName="Ömer", lastName="Aydın")
    massage = visit(site, "2026-12-01")["id"]
    guest = {"firstName": "Mai", "lastName": "Trần", "email": "mai@example.com"}
    start = {"bookingStart": "2026-12-01 12:00"}
    tour = site.add("appointments", **start, serviceId=2, customer=guest, status="pending", providerId=3)["id"]
    assert site.get("/appointments", status="pending").ids == [tour]
    assert site.get("/appointments", services="2,9").ids == [tour]
    assert site.get("/appointments", providers=1).ids == [massage]
    assert site.get("/appointments", customerId=2).ids == [massage]
    assert site.get("/appointments", customers="2,4").ids == [massage, tour]
    assert site.get("/appointments", search="trần mai").ids == [tour]
    assert site.get("/appointments", search="massage").ids == [massage]
    assert site.get("/appointments", search="aydın").ids == [tour]


def test_a_search_that_finds_nobody_answers_with_fewer_keys(site: Client) -> None:
    visit(site, "2026-12-01")
    answer = site.get("/appointments", search="nobody")
    assert answer.data == {
        "appointments": [], "availablePackageBookings": [], "occupied": [], "total": 0, "totalApproved": 0,
        "totalPending": 0, "totalCount": 1, "filteredCount": 0,
    }  # fmt: skip


def test_service_and_provider_are_in_the_list_unless_skipped_with_any_word(site: Client) -> None:
    visit(site, "2026-12-01")
    (one,) = site.get("/appointments", asArray="true").data["appointments"]
    assert (one["service"]["name"], one["provider"]["lastName"]) == ("Massage 60", "Trainer")
    (one,) = site.get("/appointments", asArray="true", skipServices="false", skipProviders=0).data["appointments"]
    assert (one["service"], one["provider"]["lastName"]) == (None, "Trainer")


def test_the_one_who_asks_is_a_made_up_administrator(site: Client) -> None:
    user = site.get("/appointments").data["currentUser"]
    assert (user["firstName"], user["email"], user["type"]) == ("AmeliaApi", "admin@amelia.api", "admin")
