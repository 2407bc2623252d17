"""The field tables: what each row gets from a course, a review, an enrolment. Nothing can be written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Generic, TypeVar

from higherself_sync.core.record import Ability, Entity, Stream, Value, Values, number, text, when
from higherself_sync.services.tutorlm.settings import Settings
from higherself_sync.services.tutorlm.wire import Course, Enrolment, Review
from higherself_sync.services.wordpress.clock import instant
from higherself_sync.services.wordpress.words import headline, typed

W = TypeVar("W", Course, Review, Enrolment)

OVERLAP = (
    60.0  # seconds: the site's clock and that of what stands before it; costs nothing, for the list is read anyway
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a value needs beside the object: the service's name, the site's zone, the shop of the same site."""

    service: str
    zone: tzinfo = UTC
    shop: str | None = None

    def course(self, number_: str) -> frozenset[str]:
        return frozenset({f"{self.service}:courses:{number_}"})

    def client(self, user: str) -> frozenset[str]:
        """A user of the site is a customer of its shop, with the same number; 0 is nobody."""
        return frozenset({f"{self.shop}:customers:{user}"} if self.shop and user not in ("", "0") else ())


@dataclass(frozen=True, slots=True)
class Column(Generic[W]):
    name: str
    read: Callable[[W, Context], Value]


def values(columns: tuple[Column[W], ...], item: W, context: Context) -> Values:
    return {column.name: column.read(item, context) for column in columns if _has(column.name, context.shop)}


def _has(name: str, shop: str | None) -> bool:
    """Without the shop of the same site nobody can tell who a user is."""
    return name != "client" or shop is not None


def _number(raw: str) -> Decimal | None:
    try:
        return number(raw)
    except ValueError:
        return None  # a price with a currency's sign, as an add-on may write it


def submitted(review: Review, zone: tzinfo) -> datetime | None:
    return instant(review.comment_date_gmt, UTC) or instant(review.comment_date, zone)


def _submitted(review: Review, context: Context) -> Value:
    moment = submitted(review, context.zone)
    return when(moment) if moment else None


COURSE_COLUMNS: tuple[Column[Course], ...] = (
    # An author without the right to write markup has `&` saved as `&amp;`.
    Column("name", lambda it, _: text(it.title.replace("&amp;", "&"))),
    Column("type", lambda _, __: "course"),
    Column("status", lambda it, _: text(it.status)),
    Column("price", lambda it, _: _number(it.price)),
)

REVIEW_COLUMNS: tuple[Column[Review], ...] = (
    Column("feedback", lambda it, _: headline(typed(it.content)) or headline(f"{it.rating} ★")),
    Column("client", lambda it, context: context.client(it.user)),
    Column("product", lambda it, context: context.course(it.course)),
    Column("content", lambda it, _: text(typed(it.content).strip())),
    Column("rating", lambda it, _: _number(it.rating)),
    Column("submitted", _submitted),
)

ENROLMENT_COLUMNS: tuple[Column[Enrolment], ...] = (
    Column("order", lambda it, _: f"Enrolment {it.id}"),
    Column("client", lambda it, context: context.client(it.user)),
    Column("products", lambda it, context: context.course(it.course)),
    Column("status", lambda it, _: text(it.status)),
)


def streams(name: str, settings: Settings) -> tuple[Stream, ...]:
    """What a site called `name` offers, in the order of work."""

    def fields(columns: tuple[Column[W], ...]) -> Mapping[str, Ability]:
        return {column.name: Ability() for column in columns if _has(column.name, settings.same_site)}

    return (
        Stream(name, "courses", Entity.PRODUCTS, fields(COURSE_COLUMNS), modified_since=True, overlap=OVERLAP),
        Stream(name, "enrolments", Entity.ORDERS, fields(ENROLMENT_COLUMNS)),
        Stream(name, "reviews", Entity.FEEDBACK, fields(REVIEW_COLUMNS), modified_since=True),
    )
