"""`/forms/{id}/responses`: which responses a query finds, in which order, and how they are deleted."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias, cast

from higherself_sync.sandbox.typeform.errors import NotServed, bad_parameter, bad_payload, no_form, sorted_cursor
from higherself_sync.sandbox.typeform.parameters import Parameters
from higherself_sync.sandbox.typeform.store import (
    CLOCKS,
    DELETION_SECONDS,
    STAGES,
    Clock,
    Json,
    Stage,
    Store,
    Submission,
)

Direction: TypeAlias = Literal["asc", "desc"]

MOST = 1000
_LEFT_OUT = ("answers", "hidden", "calculated")
"""What `completed=false`, the old form of the parameter, does not tell."""


@dataclass(frozen=True, slots=True)
class Query:
    """`stages` is None where no type was asked for; `clock` is the time that since, until and cursors compare."""

    size: int
    stages: frozenset[Stage] | None
    is_bare: bool
    clock: Clock
    since: datetime | None
    until: datetime | None
    before: str | None
    after: str | None
    order: tuple[Clock, Direction]
    included: frozenset[str]
    excluded: frozenset[str]
    phrase: str
    fields: frozenset[str]
    answered: frozenset[str]

    @classmethod
    def of(cls, given: Parameters, after_order: Direction) -> "Query":
        """Raises Refused (400)."""
        stages, is_bare, clock = _stages(given)
        before, after, sort = given.get("before"), given.get("after"), given.get("sort")
        if sort and (before or after):
            raise sorted_cursor()
        direction: Direction = after_order if after and not before else "desc"
        return cls(
            size=given.whole("page_size", 25, MOST),
            stages=stages,
            is_bare=is_bare,
            clock=clock,
            since=given.moment("since"),
            until=given.moment("until"),
            before=before,
            after=after,
            order=_order(sort) if sort else (clock, direction),
            included=frozenset(given.listed("included_response_ids")),
            excluded=frozenset(given.listed("excluded_response_ids")),
            phrase=(given.get("query") or "").casefold(),
            fields=frozenset(given.listed("fields")),
            answered=frozenset(given.listed("answered_fields")),
        )

    def finds(self, one: Submission) -> bool:
        """All but the cursors."""
        moment = one.moments.get(self.clock)
        names = {one.token, one.item.get("response_id")}
        return (
            self._is_of_a_stage(one)
            and (self.since is None or (moment is not None and moment >= self.since))
            and (self.until is None or (moment is not None and moment <= self.until))
            and (not self.included or bool(names & self.included))
            and not names & self.excluded
            and (not self.answered or bool(self.answered & {each["field"]["id"] for each in _answers(one)}))
            and (not self.phrase or any(self.phrase in text.casefold() for text in _texts(one)))
        )

    def _is_of_a_stage(self, one: Submission) -> bool:
        """An item without a type comes from a time, and from a documented example, in which all were listed."""
        if self.stages is None:
            return not one.is_typed or one.stage == "completed"
        return one.stage in self.stages

    def shown(self, one: Submission) -> Json:
        """Only to be written out: what is within belongs to the store."""
        item = {name: value for name, value in one.item.items() if not (self.is_bare and name in _LEFT_OUT)}
        if self.fields and "answers" in item:
            item["answers"] = [each for each in _answers(one) if each["field"]["id"] in self.fields]
        return item


def page(store: Store, form_id: str, query: Query, now: datetime, lag: float) -> Json:
    """The first `size` of what is found; both counts are of all that is left from the cursor on. Raises Refused."""
    if not store.has(form_id):
        raise no_form(form_id)
    # Without a lag all is visible, whatever the clock says: what was loaded may be of a later day than the sandbox's.
    visible = now - timedelta(seconds=lag) if lag else datetime.max.replace(tzinfo=UTC)
    held = store.responses.get(form_id, {}).values()
    clock, direction = query.order
    found = sorted(
        _within(store, form_id, query, (one for one in held if one.arrived <= visible and query.finds(one))),
        key=lambda one: one.place(clock),
        reverse=direction == "desc",
    )
    items = [query.shown(one) for one in found[: query.size]]
    return {"items": items, "total_items": len(found), "page_count": -(-len(found) // query.size)}


def nothing() -> Json:
    return {"items": [], "total_items": 0, "page_count": 0}


def delete(store: Store, form_id: str, given: Parameters, body: Any, now: datetime) -> None:
    """Not at once; ids that are not there are passed over. Raises Refused."""
    if not store.has(form_id):
        raise no_form(form_id)
    tokens = given.listed("included_response_ids") or given.listed("included_tokens")
    if not tokens and isinstance(body, dict) and isinstance(body.get("included_response_ids"), list):
        tokens = tuple(body["included_response_ids"])
    if not tokens:
        detail = bad_parameter("included_response_ids", "is required").details
        raise bad_payload(*detail)
    if len(tokens) > MOST:
        raise bad_parameter("included_response_ids", f"should have at most {MOST} ids")
    held = store.responses.get(form_id, {})
    for token in tokens:
        if token in held:
            store.doomed.setdefault(token, now + timedelta(seconds=DELETION_SECONDS))


def _stages(given: Parameters) -> tuple[frozenset[Stage] | None, bool, Clock]:
    """The types asked for, whether in the old form of "not completed", and the time that is then compared."""
    asked = given.listed("response_type")
    if unknown := [name for name in asked if name not in STAGES]:
        raise bad_parameter("response_type", f"{', '.join(unknown)} is none of {', '.join(STAGES)}")
    old = given.get("completed")
    if not asked and old is not None:
        if given.one_of("completed", "true", "false") == "false":
            return frozenset({"started", "partial"}), True, "landed_at"
        return frozenset({"completed"}), False, "submitted_at"
    if not asked:
        return None, False, "submitted_at"
    stages = cast("frozenset[Stage]", frozenset(asked))
    clock: Clock = "submitted_at" if "completed" in stages else "staged_at" if "partial" in stages else "landed_at"
    return stages, False, clock


def _order(sort: str) -> tuple[Clock, Direction]:
    name, comma, direction = sort.partition(",")
    if not comma or direction not in ("asc", "desc"):
        raise bad_parameter("sort", "should be FIELD,asc or FIELD,desc")
    if name not in CLOCKS:
        raise NotServed(f"sort by {name}")
    return cast("tuple[Clock, Direction]", (name, direction))


def _within(store: Store, form_id: str, query: Query, found: Iterable[Submission]) -> Iterable[Submission]:
    """What lies on the cursors' side; both are exclusive."""
    for token, is_before in ((query.before, True), (query.after, False)):
        if token is not None:
            mark = _mark(store, form_id, token).place(query.clock)
            found = [one for one in found if (one.place(query.clock) < mark) is is_before and one.token != token]
    return found


def _mark(store: Store, form_id: str, token: str) -> Submission:
    """A cursor, which may have been removed since it was given."""
    mark = store.responses.get(form_id, {}).get(token) or store.gone.get(token)
    if mark is None or mark.form_id != form_id:
        raise NotServed(f"the cursor {token}, which is no response of {form_id}")
    return mark


def _answers(one: Submission) -> list[Json]:
    found: list[Json] = one.item.get("answers") or []
    return found


def _texts(one: Submission) -> Iterable[str]:
    """Values of answers, hidden fields and variables."""
    for answer in _answers(one):
        yield from _leaves(answer[answer["type"]])
    yield from _leaves(one.item.get("hidden") or {})
    for variable in one.item.get("variables") or []:
        yield from _leaves(variable[variable["type"]])


def _leaves(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(each)
    else:
        yield value if isinstance(value, str) else json.dumps(value)
