"""The sums: a survey's results by question, and the site's summary by day.

Read (`UserFeedback_Results`, 1.3.0) and recorded. Two oddities are the plugin's own: an answer that is none of the
options counts for the first one (so 0 of an NPS question counts as 1), and today's responses are in no count of days,
because the end of the span is today's midnight. Responses in the trash count.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from higherself_sync.sandbox.userfeedback import casts
from higherself_sync.sandbox.userfeedback.store import Record, Store
from higherself_sync.sandbox.woocommerce.errors import NotServed
from higherself_sync.sandbox.wordpress import Crash

SCALES = {"nps": range(1, 11), "star-rating": range(1, 6)}
CHOICES = ("radio-button", "checkbox")


def results(store: Store, survey: Record, now: datetime) -> Record:
    if survey["type"] == "nps":
        raise NotServed("the results of a survey of type nps")
    mine = store.of_survey(survey["id"])
    return {
        **{name: survey[name] for name in ("id", "title", "status", "impressions", "type")},
        "responses_count_7_days": _within(mine, now, 7),
        "responses_count_30_days": _within(mine, now, 30),
        "responses_count": len(mine),
        "question_stats": [_stats(question, mine) for question in survey["questions"] or ()],
    }


def summary(store: Store, params: Mapping[str, Any], now: datetime) -> Record:
    """The last seven days and today, by the days of UTC against times that are the site's."""
    if "end_date" in params:
        raise NotServed("the parameter end_date of results-summary")
    days = [now.astimezone(UTC).date() - timedelta(days=back) for back in range(7, -1, -1)]
    first, last = f"{days[0]} 00:00:00", f"{days[-1] + timedelta(days=1)} 00:00:00"
    rows = [row for row in store.responses.values() if first <= row["submitted_at"] <= last]
    if "survey_id" in params:
        rows = [row for row in rows if int(row["survey_id"]) == casts.whole(params["survey_id"])]
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
    found = next((option for option in options if casts.same(value, option["value"])), None)
    if found is None and not options:
        options.append({"count": 0})
    (found or options[0])["count"] += 1


def _answer(question_id: Any, response: Record) -> Record | None:
    given = next((each for each in response["answers"] if casts.same(each["question_id"], question_id)), None)
    if given is None or given.get("value") is None:
        return None
    return {
        "response_id": response["id"],
        "value": given["value"],
        "date": response["submitted_at"],
        "extra": given.get("extra"),
    }
