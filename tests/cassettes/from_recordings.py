"""Cassettes of services that were recorded by other means: answers of `tests/recorded/`, to what the adapters ask.

Status, headers and body are those of the sample that is named; the query is the adapter's, which asks for longer pages
than the recorder did. A site's index was not recorded: here it is closed to strangers, as some sites have it.

`python -m tests.cassettes.from_recordings` writes them anew; a test holds that they are what this makes.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vcr.request import Request
from vcr.serialize import serialize
from vcr.serializers import yamlserializer

from tests.cassettes import FOLDER

RECORDED = Path(__file__).parent.parent / "recorded"
SITE = "http://127.0.0.1:8090"
DATE = "Mon, 23 Nov 2026 18:00:00 GMT"
INDEX = ("/wp-json/?_fields=timezone_string%2Cgmt_offset%2Cnamespaces", "error_no_credentials")
LISTED = "orderby=id&order=asc&per_page=100&page=1"
ORDERS = "/wp-json/wc/v3/orders"
META = [{"key": "notion_page_id", "value": "1f0a2b3c-0000-4000-8000-0000000000dd"}]
META += [{"key": "notion_managed", "value": "true"}]
AJAX = "/wp-admin/admin-ajax.php?action=wpamelia_api&call=/api/v1"
SURVEYS = "/wp-json/userfeedback/v1/surveys"
COURSES = "/wp-json/tutor/v1/courses?orderby=ID&order=ASC&paged=1"

# Per cassette what is asked, and the sample that answers; before it the method where that is not GET,
# after it the body.
TAPES: Mapping[str, Sequence[tuple[str, str] | tuple[str, str, Mapping[str, Any]]]] = {
    "woocommerce/orders": ((f"{ORDERS}?status=any&{LISTED}", "orders_list"),),
    "woocommerce/nothing_new": (
        (
            f"/wp-json/wc/v3/products?status=any&modified_after=2029-12-31T23%3A59%3A59&dates_are_gmt=true&{LISTED}",
            "products_modified_after_empty",
        ),
        (
            f"/wp-json/wc/v3/products?status=trash&modified_after=2029-12-31T23%3A59%3A59&dates_are_gmt=true&{LISTED}",
            "products_modified_after_empty",
        ),
    ),
    "woocommerce/an_order_to_its_end": (
        (f"PUT {ORDERS}/170", "order_update_status_and_meta", {"status": "completed", "meta_data": META}),
        (f"DELETE {ORDERS}/170", "order_delete_to_trash"),
        (f"{ORDERS}/170", "order_get_when_trashed"),
        (f"{ORDERS}?status=any&include=170&{LISTED}", "products_modified_after_empty"),
        (f"{ORDERS}/170", "error_order_not_found"),
    ),
    "woocommerce/marks": (
        (
            f"POST {ORDERS}/batch",
            "order_batch_partial_failure",
            {"update": [{"id": 37, "meta_data": META}, {"id": 999999, "meta_data": META}]},
        ),
    ),
    "woocommerce/read_only_key": (
        (f"PUT {ORDERS}/170", "error_read_only_key_write", {"status": "completed", "meta_data": META}),
    ),
    **{
        f"woocommerce/{each}": ((f"{ORDERS}?status=any&{LISTED}", f"error_{each}"),)
        for each in ("wrong_secret", "unknown_key", "user_without_capability", "unknown_route")
    },
    "userfeedback/new_responses": (
        INDEX,
        (SURVEYS, "surveys_no_page"),
        (f"{SURVEYS}/1/responses?page=1&per_page=50", "responses_page1"),
        (f"{SURVEYS}/1", "survey"),
        (f"{SURVEYS}/1/responses?page=1&per_page=500", "responses_page1"),
    ),
    "userfeedback/bad_password": (INDEX, (SURVEYS, "error_bad_password")),
    "userfeedback/no_capability": (INDEX, (SURVEYS, "error_no_capability")),
    "tutorlm/free_edition": (
        INDEX,
        (COURSES, "courses_list_category"),
        ("/wp-json/tutor/v1/course-rating/174?limit=100&offset=0", "course_rating"),
        ("/wp-json/tutor/v1/enrollments", "error_enrollments_route_missing_in_free"),
    ),
    "tutorlm/wrong_key": (INDEX, (COURSES, "error_wrong_key")),
    "amelia-lite/no_key_api": (
        ("/wp-json/?_fields=namespaces%2Ctimezone_string%2Cgmt_offset", "userfeedback/error_no_credentials"),
        (f"{AJAX}/services&page=1&limit=500", "error_api_v1_missing_in_lite"),
        (f"{AJAX}/services&page=1&limit=1", "error_api_v1_missing_in_lite"),
    ),
}
SAMPLES = {"tutorlm": "tutor"}  # the folder of a kind's recordings, where it has another name


def tape(name: str) -> str:
    """The cassette of that name."""
    kind = name.partition("/")[0]
    folder = SAMPLES.get(kind, kind)
    exchanges = [(_request(asked, *body), _answer(folder, each)) for asked, each, *body in TAPES[name]]
    said = ", ".join(each if "/" in each else f"{folder}/{each}" for _, each, *_ in TAPES[name])
    requests, responses = zip(*exchanges, strict=True)
    body: str = serialize({"requests": requests, "responses": responses}, yamlserializer)
    return f"# Built by tests/cassettes/from_recordings.py from tests/recorded/: {said}\n{body}"


def _request(asked: str, body: Any = None) -> Request:
    method, _, path = asked.rpartition(" ")
    headers = {} if body is None else {"content-type": "application/json"}
    content = "" if body is None else json.dumps(body, separators=(",", ":"))
    return Request(method or "GET", f"{SITE}{path}", content, headers)


def _answer(folder: str, name: str) -> dict[str, Any]:
    """`name` is that of a sample in the folder, or names its own."""
    *other, name = name.split("/")
    index = RECORDED / (other[0] if other else folder)
    told = json.loads((index / "index.json").read_text(encoding="utf-8"))[name]
    body = (index / told["file"]).read_text(encoding="utf-8")
    headers = {key: [value] for key, value in {**told["headers"], "date": DATE}.items()}
    if told["file"].endswith(".json"):  # they are indented there
        body = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":"))
    return {"status": {"code": told["status"], "message": ""}, "headers": headers, "body": {"string": body}}


if __name__ == "__main__":
    for each in TAPES:
        path = FOLDER / f"{each}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(tape(each), encoding="utf-8")
