"""The twin of Notion's API: checks in the order in which the live service makes them, then one of the endpoints."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, ClassVar

from ..wire import Request, Response, json_response
from . import errors, store_io
from .call import V2025, V2026, Call, Caller
from .errors import ApiError
from .ids import Ids
from .objects import Objects
from .routes import find
from .store import Json, Page, Store, User
from .texts import words

BOT = "5b0e7c1a-3f42-4c6d-9a51-7d2e8f904b10"
READER = "5b0e7c1a-3f42-4c6d-9a51-7d2e8f904b11"
PERSON = "8a4f2d60-91c7-4e3b-b5d8-06c1e7a92f20"
_WORKSPACE = "c1d7a5e2-60b4-4f89-8e13-2a9b5c7d4e30"
_INTEGRATION = "e9a3b6c4-7d15-4280-a6f7-51c8d0e2b340"
_TOKENS = {
    "ntn_sandbox": Caller(BOT, sees_all=False, may_write=True),
    "ntn_sandbox_readonly": Caller(READER, sees_all=False, may_write=False),
}
_WINDOW = 60
_BUDGET = 180
_EPOCH = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

_DEFAULTS: Mapping[str, Any] = {
    "query_lag": 0.0,  # seconds for which a new row is missing from queries
    "search_lag": 10.0,  # seconds for which a new object is missing from search
    "relation_bump": False,  # whether a two-way relation write moves the other page's last_edited_time
    "trashed_in_relations": False,  # whether a relation still names a page in the trash
    "empties_last": True,  # where rows without a value stand in a sorted query
    "empty_text": "null",  # "" written to email, url or phone_number: "null" empties, "refuse" is a 400
    "option_colour": "refuse",  # a colour in a page write that the schema contradicts: "ignore" or "refuse"
    "trashed_source_query": "lost",  # a query of a data source in the trash: "lost" is a 404, "rows" answers
    "page_size_over": "refuse",  # a page_size above 100 in a query: "refuse" or "clamp"
    "saved_503": 0,  # how many of an integration's next writes are done and answered with a 503 all the same
    "saved_503_tells_id": True,  # whether that answer to a create gives the id of what was made
    "api_formula_filters": False,  # whether formula columns that the API created can be filtered on
}


@dataclass(slots=True)
class _State:
    store: Store
    knobs: dict[str, Any]
    spent: dict[str, tuple[int, int]]
    """Of each token: the window and the requests made in it."""
    now: datetime = _EPOCH
    """The time of the last request."""


class NotionTwin:
    """Notion for one workspace: a root page that is shared with the integration, and what is made under it.

    `limits` switches the real budget of 180 requests a minute on.
    """

    name: ClassVar[str] = "notion"
    ROOT_PAGE: ClassVar[str] = "1f0c3b7a-52d8-4e96-8b4d-9c6a7e815d50"

    def __init__(self, seed: int = 0) -> None:
        self.limits = False
        self._state = _State(Store(Ids(seed)), dict(_DEFAULTS), {})
        self._found_workspace()

    def _found_workspace(self) -> None:
        store = self._state.store
        for shape in _users():
            store.users[shape["id"]] = User(shape["id"], shape)
        root = Page(
            self.ROOT_PAGE,
            {"type": "workspace", "workspace": True},
            *(_EPOCH, _EPOCH, _EPOCH),
            *(PERSON, PERSON),
            store.next_order(),
            {"title": words("HigherSelf")},
        )
        store.put_page(root)

    # ---- requests ----

    def answer(self, request: Request, now: datetime) -> Response:
        """What the live API would say to an integration."""
        return self._answer(request, now, None)

    def person(self, request: Request, now: datetime) -> Response:
        """The same, done by a person: no token, everything visible, and what only the app can do."""
        return self._answer(request, now, Caller(PERSON, sees_all=True, may_write=True))

    def _answer(self, request: Request, now: datetime, person: Caller | None) -> Response:
        self._state.now = now
        request_id = self._state.store.ids.uuid()
        headers = {"x-notion-request-id": request_id, "date": format_datetime(now.astimezone(UTC), usegmt=True)}
        try:
            body = self._handle(request, now, person)
        except ApiError as refusal:
            return json_response(refusal.status, refusal.body(request_id), headers | dict(refusal.headers))
        return json_response(200, body | {"request_id": request_id}, headers)

    def _handle(self, request: Request, now: datetime, person: Caller | None) -> Json:
        """Path, then JSON, then token, then version (seen on the live service without a valid token)."""
        found = find(request.method, request.path, person is not None)
        if found is None:
            raise ApiError(400, "invalid_request_url", "Invalid request URL.")
        route, args = found
        body = _body(request)
        caller = person or self._caller(request.headers)
        version = V2026 if person else _version(request.headers)
        if person is None and self.limits:
            self._spend(request.headers["authorization"], now)
        if route.handler is None:
            raise errors.unserved(f"{request.method} {request.path}")
        if route.writes and not caller.may_write:
            raise ApiError(403, "restricted_resource", "Insufficient permissions for this endpoint.")
        if not isinstance(body, dict):
            raise errors.misfit("body", "an object", body)
        call = Call(caller, version, now.astimezone(UTC), args, tuple(request.pairs()), body)
        answer = route.handler(self._world(call))
        if route.writes and person is None and self._state.knobs["saved_503"] > 0:
            self._state.knobs["saved_503"] -= 1
            told = request.method == "POST" and self._state.knobs["saved_503_tells_id"]
            raise errors.saved(answer["id"] if told else None)
        return answer

    def _world(self, call: Call) -> Objects:
        integration = (self._state.store.users[BOT].shape["name"], _INTEGRATION)
        return Objects(self._state.store, call, self._state.knobs, _WORKSPACE, integration)

    def _caller(self, headers: Mapping[str, str]) -> Caller:
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            message = 'Authorization header must use the format "Bearer <token>".'
            raise ApiError(401, "unauthorized", message)
        if token not in _TOKENS:
            raise ApiError(401, "unauthorized", "API token is invalid.")
        return _TOKENS[token]

    def _spend(self, token: str, now: datetime) -> None:
        """A fixed window of a minute, which may be spent in one burst."""
        window = int(now.timestamp()) // _WINDOW
        last, count = self._state.spent.get(token, (window, 0))
        count = count + 1 if last == window else 1
        if count > _BUDGET:
            wait = str(_WINDOW - int(now.timestamp()) % _WINDOW)
            reason = {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": wait}
            message = "You have been rate limited. Please try again later."
            raise ApiError(429, "rate_limited", message, reason, {"retry-after": wait})
        self._state.spent[token] = (window, count)

    # ---- the sandbox's own door ----

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        """A page, database or data source made by a person, from the body of its POST."""
        return self._personal("POST", f"/v1/{stream}", data, now)

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:
        """One changed by a person, from the body of its PATCH."""
        return self._personal("PATCH", f"/v1/{stream}/{record_id}", data, now)

    def _personal(self, method: str, path: str, data: Mapping[str, Any], now: datetime) -> Any:
        """Raises ValueError with Notion's message where the data is refused."""
        response = self.person(Request(method, path, body=json.dumps(data).encode()), now)
        body = json.loads(response.body)
        if response.status != 200:
            raise ValueError(body["message"])
        return body

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002 objects bring their times along
        """`{"users", "databases", "data_sources", "pages", "blocks": [objects]}`, each optional; pages newest first."""
        store_io.load(self._state.store, objects)

    def dump(self) -> dict[str, list[Any]]:
        """The same form; ids, times and users are kept by `load`."""
        person = Caller(PERSON, sees_all=True, may_write=True)
        world = self._world(Call(person, V2026, self._state.now, (), (), {}))
        return store_io.dump(world)

    def clear(self) -> None:
        """Rows go; pages outside of databases, databases and their columns stay."""
        for page in [page for page in self._state.store.pages.values() if page.parent["type"] == "data_source_id"]:
            self._state.store.drop_page(page)

    def snapshot(self) -> Any:
        return copy.deepcopy(self._state)

    def restore(self, snapshot: Any) -> None:
        self._state = copy.deepcopy(snapshot)

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        unknown = values.keys() - _DEFAULTS.keys()
        if unknown:
            raise KeyError(f"no such knob: {', '.join(sorted(unknown))}; known: {', '.join(_DEFAULTS)}")
        self._state.knobs.update(values)
        return dict(self._state.knobs)


def _body(request: Request) -> Any:
    if request.method in ("GET", "DELETE") or not request.body.strip():
        return {}
    try:
        return json.loads(request.body)
    except ValueError:
        raise ApiError(400, "invalid_json", "Error parsing JSON body.") from None


def _version(headers: Mapping[str, str]) -> str:
    given = headers.get("notion-version")
    place = "Notion-Version header failed validation: Notion-Version header should be "
    if given is None:
        raise ApiError(400, "missing_version", f"{place}defined, instead was `undefined`.")
    if given in ("2021-05-11", "2021-05-13", "2021-08-16", "2022-02-22", "2022-06-28"):
        raise errors.unserved(f"Notion-Version {given}")
    if given not in (V2025, V2026):
        raise ApiError(400, "missing_version", f'{place}`"{V2025}"` or `"{V2026}"`, instead was `"{given}"`.')
    return given


def _users() -> list[Json]:
    bot = {
        "owner": {"type": "workspace", "workspace": True},
        "workspace_name": "The HigherSelf Network",
        "workspace_id": _WORKSPACE,
        "workspace_limits": {"max_file_upload_size_in_bytes": 5242880},
    }

    def user(user_id: str, name: str, kind: str, about: Json) -> Json:
        return {"object": "user", "id": user_id, "name": name, "avatar_url": None, "type": kind, kind: about}

    return [
        user(PERSON, "Morgan Reyes", "person", {"email": "morgan.reyes@example.com"}),
        user(BOT, "hsn sandbox", "bot", bot),
        user(READER, "hsn sandbox, read only", "bot", bot),
    ]
