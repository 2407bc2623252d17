"""The site itself: WordPress 6.9 with UserFeedback Lite 1.2.0, answering userfeedback/v1 as one was recorded to.

The order of the checks is WordPress's: a login that is wrong, the route, the arguments, the user's rights.
"""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from higherself_sync.sandbox import php, wordpress
from higherself_sync.sandbox.userfeedback import lists, made_up, results, visitors
from higherself_sync.sandbox.userfeedback.lists import Release
from higherself_sync.sandbox.userfeedback.store import Store
from higherself_sync.sandbox.wire import Request, Response
from higherself_sync.sandbox.woocommerce import auth, dates
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused, no_route
from higherself_sync.sandbox.woocommerce.rest import Crash
from higherself_sync.sandbox.wordpress import Reply

API = "/userfeedback/v1"
ABLE = ("sandbox",)
"""Who has the plugin's capabilities, which shop managers have not."""
RELEASES = get_args(Release)


NAMED = {"type": "array", "description": "Survey response ids.", "required": True}


@dataclass(frozen=True, slots=True)
class Route:
    """`methods` in the order in which the plugin registers them, which is that of `Allow`; `public` need no rights.

    `naming` are those that need `response_ids`; what is `served` is so to those who have the rights.
    """

    path: str
    methods: tuple[str, ...]
    public: tuple[str, ...] = ()
    naming: tuple[str, ...] = ()
    served: tuple[str, ...] = ("GET",)

    def match(self, route: str, method: str) -> re.Match[str] | None:
        known = method in (*self.methods, "OPTIONS")
        return re.fullmatch(API + self.path, route, re.IGNORECASE | re.ASCII) if known else None

    def described(self, base: str) -> dict[str, Any]:
        """What OPTIONS tells (read: `WP_REST_Server::get_data_for_route`); a path with an id has no link."""
        args = {method: {"response_ids": NAMED} if method in self.naming else [] for method in self.methods}
        link = {} if "(" in self.path else {"_links": {"self": [{"href": f"{base}/wp-json{API}{self.path}"}]}}
        return {
            "namespace": API[1:],
            "methods": list(self.methods),
            "endpoints": [{"methods": [method], "args": args[method]} for method in self.methods],
            **link,
        }


RESPONSES = ("GET", "DELETE", "POST")
ROUTES = (
    Route("/surveys", ("GET", "POST", "DELETE")),
    Route(r"/surveys/(?P<id>\w+)", ("GET",)),
    Route(r"/surveys/(restore|draft|trash|publish)", ("POST",), served=()),
    Route(r"/surveys/(?P<id>\w+)/duplicate", ("POST",), served=()),
    Route("/survey-templates", ("GET",), served=()),
    Route("/results-summary", ("GET",)),
    Route(r"/surveys/(?P<id>\w+)/results", ("GET",)),
    Route(r"/surveys/(?P<id>\w+)/responses", RESPONSES, public=("POST",), naming=("DELETE",), served=RESPONSES),
    Route(r"/surveys/(?P<id>\w+)/responses/(trash|restore)", ("POST",), naming=("POST",), served=("POST",)),
    Route(r"/surveys/(?P<id>\w+)/impression", ("POST",), public=("POST",), served=("POST",)),
)


class UserFeedbackTwin:
    """Satisfies `Twin`. Knob: `release`, "1.2.0" (default) or "1.8.0", for what filters do to a list of responses."""

    name = "userfeedback"
    service = "feedback"
    share = 10

    def __init__(self, seed: int = 0) -> None:  # noqa: ARG002 - nothing here is drawn by lot
        self._store = Store()
        self._release: Release = RELEASES[0]

    def answer(self, request: Request, now: datetime) -> Response:
        moment = now.astimezone(UTC).replace(microsecond=0)
        return wordpress.answer(request, "UserFeedback", lambda route: self._reply(request, route, moment))

    def _reply(self, request: Request, route: str, now: datetime) -> Reply:
        user = wordpress.login(request)
        if route == "" and request.method in ("GET", "HEAD"):
            return wordpress.index(request, now, API[1:])
        method = "GET" if request.method == "HEAD" else request.method
        for each in ROUTES:
            if match := each.match(route, method):
                return self._dispatch(request, each, match, user, now)
        if method == "OPTIONS":
            if not route.startswith(f"{API}/"):
                raise NotServed(f"OPTIONS {request.path}")
            return Reply(200, [])
        if route.startswith(f"{API}/"):
            raise no_route()
        raise wordpress.elsewhere(request, route, API[1:])

    def _dispatch(self, request: Request, route: Route, match: re.Match[str], user: str | None, now: datetime) -> Reply:
        """`Allow` names what this user may do here, also beside an error; nothing, and it is missing."""
        method = "GET" if request.method == "HEAD" else request.method
        permitted = route.methods if user in ABLE else route.public
        allow = {"allow": ", ".join(permitted)} if permitted else {}
        if method == "OPTIONS":
            return Reply(200, route.described(auth.site_url(request)), allow)
        try:
            params = wordpress.params(request, **match.groupdict())
            ids = _named(self._store, params) if method in route.naming else []
            if method not in permitted:
                raise wordpress.forbidden(user)
            if method not in route.served:
                raise NotServed(f"{method} /wp-json{match[0]}")
            if method == "GET":
                reply = self._read(match[0], params, auth.site_url(request), now)
            else:
                reply = self._write(method, match[0], ids)
        except Refused as refusal:
            return Reply(refusal.status, refusal.body(), allow)
        return Reply(reply.status, reply.body, allow)

    def _read(self, path: str, params: Mapping[str, Any], base: str, now: datetime) -> Reply:
        match path[len(API) :].lower().split("/")[1:]:
            case ["surveys"]:
                return Reply(200, lists.surveys(self._store, params, now))
            case ["results-summary"]:
                return Reply(200, results.summary(self._store, params, now))
            case ["surveys", _, "responses"]:
                return Reply(200, lists.responses(self._store, params, base, self._release))
            case ["surveys", _, *rest]:
                survey = self._store.surveys.get(php.whole(params["id"]))
                if survey is None:
                    return Reply(404)
                if rest:
                    return Reply(200, results.results(self._store, survey, params, now))
                if "with" in params:
                    raise NotServed("the parameter with of surveys/ID")
                return Reply(200, lists.shown_survey(self._store, survey))
            case _:
                raise AssertionError(path)

    def _write(self, method: str, path: str, ids: list[int]) -> Reply:
        match method, path[len(API) :].lower().split("/")[1:]:
            case "POST", ["surveys", _, "responses" | "impression"]:
                return Reply(403)  # only a page of the site can make the nonce
            case "POST", ["surveys", _, "responses", action]:
                status = {"trash": "trash", "restore": "publish"}[action]
                return Reply(200, self._store.set_status(ids, status) if ids else False)
            case _:
                for number in ids:
                    self._store.remove("responses", number)
                return Reply(204)

    @staticmethod
    def settings(url: str, *, budget: bool) -> dict[str, Any]:  # noqa: ARG004 - the site counts no requests
        user, password = next(iter(wordpress.LOGINS.items()))
        login = {"user": user, "application_password": password}
        return {"kind": "userfeedback", "url": url, **login, "timezone": dates.SITE_NAME}

    # what the sandbox does to it

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        return self._shown(stream, visitors.add(self._store, stream, data, now))

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:  # noqa: ARG002
        return self._shown(stream, visitors.change(self._store, stream, record_id, data))

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:
        for stream in objects:
            self._store.table(stream)
        unless_told = {name: wordpress.local(now) for name in ("created_at", "submitted_at")}
        for stream, things in objects.items():
            for thing in things:
                self._store.put(stream, unless_told | dict(thing))

    def fill(self, records: int, seed: int, now: datetime) -> None:
        """`records` made-up surveys and responses in all, over the year before `now`."""
        made_up.fill(self, records, seed, now)

    def dump(self) -> dict[str, list[Any]]:
        return {
            stream: [self._shown(stream, record) for _, record in sorted(self._store.table(stream).items())]
            for stream in ("surveys", "responses")
        }

    def _shown(self, stream: str, record: dict[str, Any]) -> dict[str, Any]:
        shown = lists.shown_survey(self._store, record) if stream == "surveys" else record
        return copy.deepcopy(shown)

    def clear(self) -> None:
        self._store.clear()

    def snapshot(self) -> Any:
        return self._store.snapshot(), self._release

    def restore(self, snapshot: Any) -> None:
        state, self._release = snapshot
        self._store.restore(state)

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises KeyError for an unknown knob, ValueError for a release there is not."""
        for name, value in values.items():
            if name != "release":
                raise KeyError(name)
            if value not in RELEASES:
                raise ValueError(f"release is {' or '.join(RELEASES)}, not {value!r}")
            self._release = value
        return {"release": self._release}


def _named(store: Store, params: Mapping[str, Any]) -> list[int]:
    """The responses that are named, of any survey. Raises Refused (400) unless each is there and named once."""
    given = params.get("response_ids")
    if given is None:
        message = "Missing parameter(s): response_ids"
        raise Refused("rest_missing_callback_param", message, 400, {"status": 400, "params": ["response_ids"]})
    if not isinstance(given, list | dict):
        raise Crash("count() of what is no array")
    named = [php.whole(item) for item in (given.values() if isinstance(given, dict) else given)]
    found = store.responses.keys() & set(named)
    if len(found) != len(named):
        details = {"status": 400, "params": {"response_ids": "Invalid parameter."}, "details": []}
        raise Refused("rest_invalid_param", "Invalid parameter(s): response_ids", 400, details)
    return named
