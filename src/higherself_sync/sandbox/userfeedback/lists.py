"""The lists of surveys and responses: paging, filters and order as the plugin's query builder does them.

Read: `UserFeedback_Surveys::get_surveys`, `UserFeedback_Results::get_survey_responses`, `UserFeedback_Query` and
`UserFeedback_DB::get`, in versions 1.3.0 and 1.8.0. What they do is stranger than what one would guess.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

from higherself_sync.sandbox import php, wordpress
from higherself_sync.sandbox.userfeedback.store import RESPONSE, SURVEY, Record, Store
from higherself_sync.sandbox.woocommerce.errors import NotServed
from higherself_sync.sandbox.woocommerce.rest import Crash, Thing

Release: TypeAlias = Literal["1.2.0", "1.8.0"]
Holds: TypeAlias = Callable[[Record], bool]

PER_PAGE = 10
STATUSES = ("publish", "draft", "trash")
"""In the order of the database's enum, which is how `orderby=status` sorts."""
_TEXTS = ("questions", "settings", "notifications", "answers", "page_submitted")
"""Columns that hold JSON: they can be asked for, but how they compare is nothing to imitate."""


def surveys(store: Store, params: Mapping[str, Any], now: datetime) -> Any:
    """The bare list, or a page of it with its counts where `page` is among the parameters (`per_page` alone is not)."""
    if unserved := sorted({"select", "with"} & params.keys()):
        raise NotServed(f"the parameter {', '.join(unserved)} of surveys")
    holds = _survey_filter(params.get("filter"), wordpress.gmt(now))
    rows = _ordered([survey for survey in store.surveys.values() if holds(survey)], params)
    if "page" not in params:
        return [shown_survey(store, row) for row in rows]
    rows, pagination = paged(rows, params.get("per_page"), params["page"])
    return {
        "items": [shown_survey(store, row) for row in rows],
        "pagination": pagination,
        "status_filters": _counted(store.surveys, lambda survey: _quick_status(survey, wordpress.gmt(now))),
    }


def responses(store: Store, params: Mapping[str, Any], base: str, release: Release) -> Any:
    """A page of a survey's responses, newest id first whatever `orderby` says. An unknown survey has none.

    In 1.2.0 a filter takes the place of the condition on the survey, and the counts are those of the whole site. What
    is called 1.8.0 here was seen from 1.6.0 on.
    """
    number = php.whole(params["id"])
    mine: Holds = lambda row: int(row["survey_id"]) == number  # noqa: E731
    wanted = _response_filters(params.get("filter"))
    match release:
        case "1.2.0":
            holds = wanted[-1:] or [lambda row: mine(row) and row["status"] != "trash"]
            counted: Iterable[Record] = store.responses.values()
        case "1.8.0":
            holds = [lambda row: mine(row) and row["status"] != "trash", *wanted]
            counted = [row for row in store.responses.values() if mine(row)]
    rows = [row for row in store.responses.values() if all(each(row) for each in holds)]
    rows.sort(key=lambda row: -int(row["id"]))
    rows, pagination = paged(rows, params.get("per_page"), params.get("page"))
    return {
        "items": [shown_response(row, base) for row in rows],
        "pagination": pagination,
        "status_filters": _counted({int(row["id"]): row for row in counted}, lambda row: str(row["status"])),
    }


def shown_survey(store: Store, survey: Record) -> Record:
    """The count holds what is in the trash too (read: `with_count` knows no status)."""
    return Thing(survey | {"responses_count": len(store.of_survey(survey["id"]))})


def shown_response(response: Record, base: str) -> Record:
    page = response["page_submitted"]
    if not page or not page["url"]:
        return response
    return response | {"page_submitted": page | {"url": f"{base}{page['url']}"}}


def paged(rows: Sequence[Record], per_page: Any, page: Any) -> tuple[list[Record], dict[str, Any]]:
    """`page` comes back as it was sent. Raises Crash where PHP dies: a page size of 0, a page that is no number."""
    size = PER_PAGE if php.is_falsy(per_page) else php.whole(per_page)
    start = (_beyond_first(page) - 1) * size
    if size == 0:
        raise Crash("division by zero")
    # A negative or broken offset is refused by the database, and an error there is an empty list here.
    possible = start >= 0 and float(start).is_integer()
    taken = list(rows[int(start) : int(start) + size if size > 0 else None]) if possible else []
    pages = -(-len(rows) // size)
    return taken, {"total": len(rows), "pages": pages, "page": page, "per_page": size}


def _beyond_first(page: Any) -> float:
    """The page's number, 1 for whatever PHP does not hold to be greater than 1."""
    if page is None:
        return 1
    number = php.numeric(page)
    if not isinstance(page, str) or (number is None and page > "1" and php.leading(page) is None):
        raise Crash("unsupported operand types")
    if number is None:
        return (php.leading(page) or 1) if page > "1" else 1
    return max(1, number)


def _survey_filter(given: Any, now: str) -> Holds:
    """Each filter takes the place of the one before, and of the condition that keeps out the trash."""
    holds: Holds = lambda survey: survey["status"] != "trash"  # noqa: E731
    for column, value in _pairs(given):
        match column, value:
            case _, "all":
                break
            case "status", "publish":
                holds = lambda survey: _quick_status(survey, now) == "publish"  # noqa: E731
            case "status", "scheduled":
                holds = lambda survey: _quick_status(survey, now) == "scheduled"  # noqa: E731
            case _:
                holds = _equals(column, value, SURVEY)
    return holds


def _response_filters(given: Any) -> list[Holds]:
    found: list[Holds] = []
    for column, value in _pairs(given):
        if value == "all":
            return [*found, _equals("status", "publish", RESPONSE)]
        found.append(_equals(column, value, RESPONSE))
    return found


def _pairs(given: Any) -> list[tuple[str, Any]]:
    """`filter[status]=trash` → `[("status", "trash")]`; PHP warns of text where it wants these, and goes on."""
    if isinstance(given, list):
        raise NotServed("filter[] without a column")
    return list(given.items()) if isinstance(given, Mapping) else []


def _equals(column: str, value: Any, columns: Mapping[str, Any]) -> Holds:
    """A column that there is not is an error in the database, and so an empty list."""
    if column in _TEXTS or not isinstance(value, str):
        raise NotServed(f"filter[{column}]")
    if column not in columns:
        return lambda row: False  # noqa: ARG005
    if column in ("id", "survey_id", "impressions"):
        return lambda row: float(row[column]) == (php.leading(value) or 0)
    return lambda row: row[column] is not None and str(row[column]).lower() == value.rstrip(" ").lower()


def _quick_status(survey: Record, now: str) -> str:
    later = survey["status"] == "publish" and survey["publish_at"] is not None and survey["publish_at"] > now
    return "scheduled" if later else str(survey["status"])


def _counted(rows: Mapping[int, Record], status: Callable[[Record], str]) -> list[dict[str, Any]]:
    """The sum is a number, its parts are strings; the trash is listed and not summed up."""
    counts: dict[str, int] = {}
    for _, row in sorted(rows.items()):
        counts[status(row)] = counts.get(status(row), 0) + 1
    total = sum(count for name, count in counts.items() if name != "trash")
    parts = [{"status": name, "count": str(count)} for name, count in counts.items()]
    return [{"status": "all", "count": total}, *parts]


def _ordered(rows: list[Record], params: Mapping[str, Any]) -> list[Record]:
    """By id, the newest first, unless `orderby` is given: an unknown column is read as id, an unknown order as desc."""
    column, order = params.get("orderby", "id"), params.get("order") or "desc"
    if isinstance(column, list | dict):
        column = "id"  # no column is called so
    if column in _TEXTS:
        raise NotServed(f"orderby={column}")
    by = column if column in SURVEY else "id"
    if "orderby" in params and not isinstance(order, str):
        raise Crash("strtoupper() of what is no text")
    rows.sort(key=lambda row: int(row["id"]))
    rows.sort(key=lambda row: _sortable(by, row[by]), reverse="orderby" not in params or order.upper() != "ASC")
    return rows


def _sortable(column: str, value: Any) -> tuple[bool, Any]:
    if value is None:
        return (False, "")
    match column:
        case "id" | "impressions":
            return (True, int(value))
        case "status":
            return (True, STATUSES.index(value))
        case _:
            return (True, str(value).casefold())
