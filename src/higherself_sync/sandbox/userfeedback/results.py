"""The sums: a survey's results by question, and the site's summary by day.

Read (`UserFeedback_Results`, 1.3.0 and 1.6.0) and recorded. Two oddities are the plugin's own: an answer that is none
of the options counts for the first one (so 0 of an NPS question counts as 1), and today's responses are in no count of
days, because the end of the span is today's midnight. Responses in the trash count.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from higherself_sync.sandbox import php
from higherself_sync.sandbox.userfeedback.store import Record, Store
from higherself_sync.sandbox.woocommerce.errors import NotServed
from higherself_sync.sandbox.woocommerce.rest import Crash, Thing

_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
SCALES = {"nps": range(1, 11), "star-rating": range(1, 6)}
CHOICES = ("radio-button", "checkbox")


def results(store: Store, survey: Record, params: Mapping[str, Any], now: datetime) -> Record:
    """One of the type nps is summed up over a span of days (`from` and `to`, the last 30), others altogether."""
    mine = store.of_survey(survey["id"])
    if survey["type"] == "nps":
        mine = _spanned(mine, params, now)
        counts: Record = {"nps_overview": _overview(mine)}
    else:
        counts = {f"responses_count_{days}_days": _within(mine, now, days) for days in (7, 30)}
    return Thing(
        {name: survey[name] for name in ("id", "title", "status", "impressions", "type")}
        | counts
        | {"responses_count": len(mine)}
        | {"question_stats": [_stats(question, mine) for question in survey["questions"] or ()]}
    )


def _spanned(rows: Sequence[Record], params: Mapping[str, Any], now: datetime) -> list[Record]:
    """Both ends are in it. Raises NotServed for what is not a day, which the database would read in its own way."""
    given = {name: params[name] for name in ("from", "to") if not php.is_falsy(params.get(name))}
    for name, value in given.items():
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise NotServed(f"{name}={value} of results")
    today = now.astimezone(UTC).date()
    span = given or {"from": str(today - timedelta(days=30)), "to": str(today)}
    first, last = span.get("from", ""), span.get("to", "9999-12-31")
    return [row for row in rows if first <= row["submitted_at"][:10] <= last]


def _overview(rows: Sequence[Record]) -> Record:
    """Whole percents, rounded down, by the first answer of each response; a 0 is in no group."""
    if not rows:
        return {"detractor": 0, "passive": 0, "promoter": 0, "nps": "N/A"}
    values = [php.numeric(row["answers"][0].get("value")) if row["answers"] else None for row in rows]
    shares = {
        name: 100 * sum(low <= value <= high for value in values if value is not None) // len(rows)
        for name, low, high in (("detractor", 1, 6), ("passive", 7, 8), ("promoter", 9, 10))
    }
    return {**shares, "nps": shares["promoter"] - shares["detractor"]}


def summary(store: Store, params: Mapping[str, Any], now: datetime) -> Record:
    """The last seven days and today, by the days of UTC against times that are the site's.

    Lite reads `start_date` and does without it, but dies of one that is no date.
    """
    if "end_date" in params:
        raise NotServed("the parameter end_date of results-summary")
    start = params.get("start_date")
    if not php.is_falsy(start) and not (isinstance(start, str) and _DAY.fullmatch(start)):
        raise NotServed(f"start_date={start} of results-summary")
    days = [now.astimezone(UTC).date() - timedelta(days=back) for back in range(7, -1, -1)]
    first, last = f"{days[0]} 00:00:00", f"{days[-1] + timedelta(days=1)} 00:00:00"
    rows = [row for row in store.responses.values() if first <= row["submitted_at"] <= last]
    if "survey_id" in params:
        rows = [row for row in rows if int(row["survey_id"]) == php.whole(params["survey_id"])]
    return {
        "total_responses": len(rows),
        "data_points": [
            {"date": str(day), "count": sum(row["submitted_at"].startswith(str(day)) for row in rows)} for day in days
        ],
        "surveys": [
            {
                **{name: survey[name] for name in ("id", "title", "type", "status", "created_at")},
                "responses_count": len(store.of_survey(survey["id"])),
                "range_responses_count": sum(row["survey_id"] == survey["id"] for row in rows),
            }
            for _, survey in sorted(store.surveys.items(), reverse=True)
            if survey["status"] != "trash"
        ],
    }


def _within(rows: Sequence[Record], now: datetime, days: int) -> int:
    today = now.astimezone(UTC).date()
    first, last = (f"{day} 00:00:00" for day in (today - timedelta(days=days), today))
    return sum(first <= row["submitted_at"] <= last for row in rows)


def _stats(question: Mapping[str, Any], rows: Sequence[Record]) -> Record:
    """A question that is counted has no `answers` at all before the first one; another has an empty list."""
    options = _options(question)
    answers = [found for row in rows if (found := _answer(question["id"], row))]
    if options is not None:
        for answer in answers:
            for value in answer["value"] if isinstance(answer["value"], list) else [answer["value"]]:
                _count(options, value)
    return {
        **{name: question.get(name) for name in ("id", "title", "type")},
        "total_answers": len(answers),
        "skipped": len(rows) - len(answers),
        "is_quantitative": options is not None,
        **({} if options is None else {"options": options}),
        **({"answers": answers} if answers or options is None else {}),
    }


def _options(question: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """None where answers are not counted. Raises Crash for a choice without options, as PHP does."""
    kind, config = question.get("type"), question.get("config")
    values: Any = SCALES.get(str(kind))
    if kind in CHOICES:
        values = config.get("options") if isinstance(config, Mapping) else None
        if not isinstance(values, list):
            raise Crash("array_map() of what is no array")
    return None if values is None else [{"value": value, "count": 0} for value in values]


def _count(options: list[dict[str, Any]], value: Any) -> None:
    found = next((option for option in options if php.same(value, option["value"])), None)
    if found is None and not options:
        options.append({"count": 0})
    (found or options[0])["count"] += 1


def _answer(question_id: Any, response: Record) -> Record | None:
    given = next((each for each in response["answers"] if php.same(each["question_id"], question_id)), None)
    if given is None or given.get("value") is None:
        return None
    return {
        "response_id": response["id"],
        "value": given["value"],
        "date": response["submitted_at"],
        "extra": given.get("extra"),
    }
