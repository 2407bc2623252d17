"""What the account holds. Everything in it is a value: a change puts a new one in the place of the old.

That makes a snapshot a handful of shallow copies.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from higherself_sync.sandbox.typeform import times
from higherself_sync.sandbox.typeform.errors import NotServed, no_form

Json: TypeAlias = dict[str, Any]
Stage: TypeAlias = Literal["started", "partial", "completed"]
Clock: TypeAlias = Literal["landed_at", "staged_at", "submitted_at"]

STAGES: tuple[Stage, ...] = ("started", "partial", "completed")
CLOCKS: tuple[Clock, ...] = ("landed_at", "staged_at", "submitted_at")
ACCOUNT: Json = {
    "alias": "The HigherSelf Network",
    "email": "morgan.reyes@example.com",
    "language": "en",
    "user_id": "01H5BX0SANDB0X0000000000AA",
}
DELETION_SECONDS = 1.0
"""How long a deletion that was asked for through the API takes to be seen."""


@dataclass(frozen=True, slots=True)
class Form:
    """`body` is what `GET /forms/{id}` shows; of a form that only a list told of (`is_whole` false) it is less."""

    body: Json
    created: datetime
    updated: datetime
    is_whole: bool = True

    def changed(self, body: Json, now: datetime) -> "Form":
        """A body that tells when it was updated tells it anew."""
        dated = {"last_updated_at": times.offset(now)} if "last_updated_at" in body else {}
        return replace(self, body=body | dated, updated=now)


@dataclass(frozen=True, slots=True)
class Submission:
    """`item` is the response as the API shows it; `order` is that of processing; `arrived` begins the lag."""

    form_id: str
    item: Json
    order: int
    arrived: datetime
    moments: Mapping[Clock, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, form_id: str, item: Json, order: int, arrived: datetime | None = None) -> "Submission":
        """Without `arrived` it is as old as it says. Raises ValueError for an item without times."""
        if not item.get("token") or "landed_at" not in item:
            raise ValueError("a response has a token and a landed_at")
        moments = {clock: times.read(item[clock]) for clock in CLOCKS if item.get(clock)}
        return cls(form_id, item, order, arrived or max(moments.values()), moments)

    @property
    def token(self) -> str:
        return str(self.item["token"])

    @property
    def is_typed(self) -> bool:
        """Older recordings do not say which type a response is of."""
        return "response_type" in self.item

    @property
    def stage(self) -> Stage:
        """An older item that was not submitted was only started."""
        told = self.item.get("response_type")
        submitted = self.moments.get("submitted_at", times.BEGINNING) > times.BEGINNING
        return next((stage for stage in STAGES if stage == told), "completed" if submitted else "started")

    def place(self, clock: Clock) -> tuple[datetime, int]:
        return self.moments.get(clock, times.BEGINNING), self.order


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST that a webhook would send. A signature is over exactly these bytes."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Store:
    def __init__(self, seed: int) -> None:
        self.me = ACCOUNT
        """Whose token it is, as `GET /me` tells."""
        self.random = random.Random(seed)  # noqa: S311 - ids of a sandbox
        self.forms: dict[str, Form] = {}
        self.responses: dict[str, dict[str, Submission]] = {}
        """By form, then by token. A form may be known by its responses alone, when only they were loaded."""
        self.gone: dict[str, Submission] = {}
        """Removed ones: a page that was asked for by their token still knows where it begins."""
        self.doomed: dict[str, datetime] = {}
        self.webhooks: dict[tuple[str, str], Json] = {}
        """By form and tag, the oldest first."""
        self.due: list[Delivery] = []
        self.order = 0

    def form(self, form_id: str) -> Form:
        """Raises Refused (404), and NotServed where no more is known of the form than its id or title."""
        form = self.forms.get(form_id)
        if form is None and form_id not in self.responses:
            raise no_form(form_id)
        if form is None or not form.is_whole:
            raise NotServed(f"the form {form_id}, which was loaded without its questions")
        return form

    def has(self, form_id: str) -> bool:
        return form_id in self.forms or form_id in self.responses

    def put(self, form_id: str, item: Json, arrived: datetime | None = None) -> Submission:
        """A new response, or a new state of one: either is the last that was processed."""
        made = Submission.of(form_id, item, self.order + 1, arrived)
        self.order = made.order
        self.responses.setdefault(form_id, {})[made.token] = made
        return made

    def found(self, token: str) -> Submission:
        """Raises KeyError."""
        for responses in self.responses.values():
            if token in responses:
                return responses[token]
        raise KeyError(f"responses/{token}")

    def all(self) -> Iterator[Submission]:
        return (one for responses in self.responses.values() for one in responses.values())

    def remove(self, submission: Submission) -> None:
        del self.responses[submission.form_id][submission.token]
        self.doomed.pop(submission.token, None)
        self.gone[submission.token] = submission

    def sweep(self, now: datetime) -> None:
        """Deletions whose time has come are done."""
        for token in [token for token, moment in self.doomed.items() if moment <= now]:
            self.remove(self.found(token))

    def forget(self, form_id: str) -> None:
        """A form with all that hangs on it."""
        for token in self.responses.pop(form_id, {}):
            self.doomed.pop(token, None)
        self.forms.pop(form_id, None)
        self.webhooks = {key: hook for key, hook in self.webhooks.items() if key[0] != form_id}

    def clear(self) -> None:
        """Without records; ids go on."""
        for name in ("forms", "responses", "gone", "doomed", "webhooks", "due"):
            getattr(self, name).clear()

    def snapshot(self) -> Json:
        """Plain values only, so that it can be kept in a file."""
        copies = {name: dict(getattr(self, name)) for name in ("forms", "gone", "doomed", "webhooks")}
        responses = {form_id: dict(held) for form_id, held in self.responses.items()}
        rest = {"me": self.me, "due": list(self.due), "order": self.order, "random": self.random.getstate()}
        return {**copies, "responses": responses, **rest}

    def restore(self, snapshot: Json) -> None:
        self.random.setstate(snapshot["random"])
        self.order, self.due = snapshot["order"], list(snapshot["due"])
        self.me = snapshot["me"]
        self.responses = {form_id: dict(held) for form_id, held in snapshot["responses"].items()}
        for name in ("forms", "gone", "doomed", "webhooks"):
            setattr(self, name, dict(snapshot[name]))
