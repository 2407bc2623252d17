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
INDEX = ("/?_fields=timezone_string%2Cgmt_offset%2Cnamespaces", "error_no_credentials")
SURVEYS = "/userfeedback/v1/surveys"
COURSES = "/tutor/v1/courses?orderby=ID&order=ASC&paged=1"

# Per cassette what is asked below `wp-json`, and the sample that answers.
TAPES: Mapping[str, Sequence[tuple[str, str]]] = {
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
        ("/tutor/v1/course-rating/174?limit=100&offset=0", "course_rating"),
        ("/tutor/v1/enrollments", "error_enrollments_route_missing_in_free"),
    ),
    "tutorlm/wrong_key": (INDEX, (COURSES, "error_wrong_key")),
}
SAMPLES = {"userfeedback": "userfeedback", "tutorlm": "tutor"}  # the folder of a kind's recordings


def tape(name: str) -> str:
    """The cassette of that name."""
    folder = SAMPLES[name.partition("/")[0]]
    exchanges = [(Request("GET", f"{SITE}/wp-json{path}", "", {}), _answer(folder, each)) for path, each in TAPES[name]]
    said = ", ".join(f"{folder}/{each}.json" for _, each in TAPES[name])
    requests, responses = zip(*exchanges, strict=True)
    body: str = serialize({"requests": requests, "responses": responses}, yamlserializer)
    return f"# Built by tests/cassettes/from_recordings.py from tests/recorded/: {said}\n{body}"


def _answer(folder: str, name: str) -> dict[str, Any]:
    told = json.loads((RECORDED / folder / "index.json").read_text(encoding="utf-8"))[name]
    body = json.loads((RECORDED / folder / told["file"]).read_text(encoding="utf-8"))
    headers = {key: [value] for key, value in {**told["headers"], "date": DATE}.items()}
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return {"status": {"code": told["status"], "message": ""}, "headers": headers, "body": {"string": content}}


if __name__ == "__main__":
    for each in TAPES:
        path = FOLDER / f"{each}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(tape(each), encoding="utf-8")
