"""The site itself: WordPress 6.9 with Tutor LMS 4.0.2, answering tutor/v1 and wp/v2/courses as one was recorded to.

The free edition has twelve GET routes and nothing else (trap 17). The Pro edition's enrolments are here for a dry run
only: their routes and arguments are documented, what they answer with was never seen.
"""

import copy
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from higherself_sync.sandbox import php, wordpress
from higherself_sync.sandbox.tutorlm import core_courses, courses, enrollments, lessons, loading, made_up, outside
from higherself_sync.sandbox.tutorlm.store import Record, Store
from higherself_sync.sandbox.wire import Request, Response
from higherself_sync.sandbox.woocommerce import auth, dates
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused, no_route
from higherself_sync.sandbox.wordpress import Reply

API = "/tutor/v1"
KEY = ("key_sandbox", "secret_sandbox")
KNOBS: Mapping[str, tuple[Any, ...]] = {"version": ("4.0.2", "2.7.6"), "edition": ("free", "pro")}
"""The first of each is the one that the twin starts with."""
PAGE_SIZE = 20

Caller: TypeAlias = Literal["key", "user", "nobody"]

_LIST = re.compile(rf"{API}/(courses|topics|lessons|quizzes)", re.IGNORECASE)
_ITEM = re.compile(
    rf"{API}/(courses|course-announcement|quizzes|quiz-question-answer|quiz-attempt-details|author-information"
    r"|course-rating|course-contents)/(?P<id>\d+)",
    re.IGNORECASE | re.ASCII,
)
_CORE = re.compile(rf"{core_courses.ROUTE}(?:/(?P<id>\d+))?", re.IGNORECASE | re.ASCII)
# What Tutor makes of posts besides courses is none of WordPress's own routes (run).
_ABSENT = re.compile(
    r"/wp/v2/(lessons?|topics|tutor_quiz|quiz(zes)?|tutor_enrolled|enroll?ments)(/\d+)?", re.IGNORECASE
)
_PRO = {API + route: methods for route, methods in enrollments.ROUTES.items()}
_STREAMS = tuple(outside.KEYS)


class TutorLMTwin:
    """Satisfies `Twin`. Knobs: `page_size`, `edition` ("free" or "pro"), `version` ("4.0.2" or "2.7.6")."""

    name = "tutorlm"
    service = "school"
    share = 10

    def __init__(self, seed: int = 0) -> None:  # noqa: ARG002 - nothing here is drawn by lot
        self._store = Store()
        self._knobs: dict[str, Any] = {"page_size": PAGE_SIZE, **{name: values[0] for name, values in KNOBS.items()}}

    def answer(self, request: Request, now: datetime) -> Response:
        return wordpress.answer(request, "Tutor LMS", lambda route: self._reply(request, route, now.astimezone(UTC)))

    def _reply(self, request: Request, route: str, now: datetime) -> Reply:
        """A login that is wrong, the route, the rights, the arguments."""
        caller = self._caller(request, route)
        method = "GET" if request.method == "HEAD" else request.method
        base = auth.site_url(request)
        if method == "OPTIONS":
            raise NotServed(f"OPTIONS {request.path}")
        if route == "" and method == "GET":
            return wordpress.index(request, now, "tutor/v1")
        if (match := _CORE.fullmatch(route)) and method == "GET":
            return self._core(request, match["id"], base)
        allowed = self._allowed(route)
        if method in allowed:
            return self._dispatch(request, route.lower(), caller, allowed, now)
        if route.startswith(f"{API}/") or _ABSENT.fullmatch(route):
            raise no_route()
        if match:
            raise NotServed(f"{method} /wp-json{route}")
        raise wordpress.elsewhere(request, route, "tutor/v1")

    def _dispatch(self, request: Request, route: str, caller: Caller, allowed: tuple[str, ...], now: datetime) -> Reply:
        """`Allow` stands beside an error too, where the caller has the key."""
        method = "GET" if request.method == "HEAD" else request.method
        headers = {"allow": ", ".join(allowed)} if caller == "key" else {}
        try:
            item = _ITEM.fullmatch(route)
            params = wordpress.params(request, **(item.groupdict() if item else {}))
            if item and php.numeric(params["id"]) is None:
                details = {"status": 400, "params": {"id": "Invalid parameter."}, "details": []}
                raise Refused("rest_invalid_param", "Invalid parameter(s): id", 400, details)
            if caller != "key":
                raise wordpress.forbidden("somebody" if caller == "user" else None)
            data = self._act(route, method, params, auth.site_url(request), now)
        except Refused as refusal:
            return Reply(refusal.status, refusal.body(), headers)
        return Reply(200, data, headers)

    def _caller(self, request: Request, route: str) -> Caller:
        """A key is one for Tutor's own routes alone; elsewhere WordPress takes it for a login that it does not know.

        Raises Refused (401). An application password gets in by itself, but is no key; 2.7.6 was seen not to take it.
        """
        if route.startswith(f"{API}/") and wordpress.basic(request) == KEY:
            return "key"
        if wordpress.login(request) is None:
            return "nobody"
        if route.startswith(f"{API}/") and self._knobs["version"] == "2.7.6":
            raise wordpress.wrong_password()
        return "user"

    def _allowed(self, route: str) -> tuple[str, ...]:
        if _LIST.fullmatch(route) or _ITEM.fullmatch(route):
            return ("GET",)
        return _PRO.get(route, ()) if self._knobs["edition"] == "pro" else ()

    def _act(self, route: str, method: str, params: Mapping[str, Any], base: str, now: datetime) -> Record:
        if route in _PRO:
            return enrollments.act(self._store, method, params, now)
        match route.removeprefix(f"{API}/").split("/"):
            case ["courses"]:
                return courses.listed(self._store, params, self._knobs["page_size"], base)
            case ["topics"]:
                return lessons.topics(self._store, params)
            case ["lessons"]:
                return lessons.lessons(self._store, params)
            case ["quizzes"]:
                return lessons.quizzes(self._store, params)
            case [kind, _]:
                return self._item(kind, php.whole(params["id"]), params, base)
            case _:
                raise AssertionError(route)

    def _item(self, kind: str, number: int, params: Mapping[str, Any], base: str) -> Record:
        match kind:
            case "courses":
                return courses.detail(self._store, number)
            case "course-rating":
                with_gmt = self._knobs["version"] != "2.7.6"
                return courses.rating(self._store, number, params, with_gmt=with_gmt)
            case "course-contents":
                return lessons.contents(self._store, number, base)
            case "course-announcement":
                return lessons.announcements(self._store, number)
            case "author-information":
                return courses.author(self._store, number, base)
            case "quizzes":
                return lessons.quiz(self._store, number)
            case "quiz-question-answer":
                return lessons.questions(self._store, number)
            case "quiz-attempt-details":
                return lessons.attempts(self._store, number)
            case _:
                raise AssertionError(kind)

    def _core(self, request: Request, number: str | None, base: str) -> Reply:
        """`Allow` stands beside an error that is no refusal, too."""
        allow = {"allow": "GET"}
        try:
            if number:
                reply = core_courses.item(self._store, wordpress.params(request, id=number), base)
            else:
                reply = core_courses.listed(self._store, wordpress.params(request), base)
        except Refused as refusal:
            return Reply(refusal.status, refusal.body(), allow if refusal.status == 400 else {})
        return Reply(reply.status, reply.body, {**allow, **reply.headers})

    @staticmethod
    def settings(url: str, *, budget: bool) -> dict[str, Any]:  # noqa: ARG004 - the site counts no requests
        """Its users are not the shop's customers, so the two are not one site."""
        keys = dict(zip(("api_key", "api_secret"), KEY, strict=True))
        return {"kind": "tutorlm", "url": url, **keys, "timezone": dates.SITE_NAME}

    # what the sandbox does to it

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        return self._shown(stream, outside.add(self._store, stream, data, now))

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:
        return self._shown(stream, outside.change(self._store, stream, record_id, data, now))

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:
        loading.load(self._store, objects, now)

    def fill(self, records: int, seed: int, now: datetime) -> None:
        """`records` made-up courses and reviews in all, over the year before `now`."""
        made_up.fill(self, records, seed, now)

    def dump(self) -> dict[str, list[Any]]:
        """Streams as the API shows them, drafts too; what is below a course under its parent's id."""
        store = self._store
        tables = {
            stream: [self._shown(stream, row) for _, row in sorted(store.tables[stream].items())] for stream in _STREAMS
        }
        authors = [courses.author(store, number, "")["data"] for number in sorted(store.tables["users"])]
        return {**tables, "authors": authors, **copy.deepcopy(store.lists)}

    def _shown(self, stream: str, record: Record) -> Record:
        return copy.deepcopy(courses.shown(self._store, record, "") if stream == "courses" else record)

    def clear(self) -> None:
        self._store.clear()

    def snapshot(self) -> Any:
        return self._store.snapshot(), dict(self._knobs)

    def restore(self, snapshot: Any) -> None:
        state, knobs = snapshot
        self._knobs = dict(knobs)
        self._store.restore(state)

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises KeyError for an unknown knob, ValueError for what one cannot be turned to."""
        for name, value in values.items():
            if name not in self._knobs:
                raise KeyError(name)
            if name == "page_size" and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise ValueError("page_size is a whole number from 1 on")
            if name in KNOBS and value not in KNOBS[name]:
                raise ValueError(f"{name} is {' or '.join(KNOBS[name])}, not {value!r}")
            self._knobs[name] = value
        return dict(self._knobs)
