"""Who is who, by tables: what each rule decides for a record without a link, and for a row made by a person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from higherself_sync.core.identity import Facts, PageFact, from_notion, identify, share_a_word
from higherself_sync.core.plan import Adopt, Create, Link, Policy, Wait
from higherself_sync.core.record import Ability, Entity, Gone, Marks, Record, Side, Stream, Value

OPEN = Policy()
T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
PEOPLE = Stream("shop", "customers", Entity.CLIENTS, {"name": Ability(writable=True)}, create=True, keyed=True)
PRODUCTS = Stream(
    "shop", "products", Entity.PRODUCTS,
    {"name": Ability(writable=True), "status": Ability(writable=True, options=frozenset({"draft"})), "type": Ability()},
    create=True, keyed=True, required=("name",),
)  # fmt: skip
LINE = "shop:customers:7"


def record(page_id: str | None = None, synced: datetime | None = None, name: str = "Ada L.") -> Record:
    return Record("7", {"name": name}, T0, marks=Marks(page_id=page_id, synced=synced), key="ada@x")


def fact(page_id: str, *lines: str, linked: tuple[str, ...] = (), name: str = "Ada") -> PageFact:
    return PageFact(Record(page_id, {"name": name}, T0, marks=Marks(lines=lines)), frozenset(linked))


def said(change: Any) -> tuple[Any, ...] | None:
    match change:
        case Adopt(page_id=page_id, by=by, moves=moves):
            return ("adopt", page_id, by, moves)
        case Create(side=side):
            return ("create", side.value)
        case Wait(kind=kind):
            return ("wait", kind.value)
        case _:
            return change and (type(change).__name__,)


GUEST = Link(5, "shop", "people", "ada@x", "p", {})


@pytest.mark.parametrize(
    ("marker", "synced", "facts", "expected"),
    [
        (None, None, Facts(), ("create", "notion")),
        (None, None, Facts(claims=(fact("p", LINE),)), ("adopt", "p", "marker", None)),
        ("p", T0, Facts((fact("p", LINE), fact("q", LINE)), named=fact("p", LINE)), ("adopt", "p", "marker", None)),
        (None, None, Facts(claims=(fact("p", LINE), fact("q", LINE))), ("wait", "ambiguous")),
        (None, None, Facts(claims=(fact("p", LINE, linked=("9",)),)), ("wait", "ambiguous")),
        ("p", T0, Facts(named=fact("p", "shop:customers:9")), ("create", "notion")),
        ("p", T0, Facts(named=fact("p")), ("adopt", "p", "marker", None)),
        ("p", T0, Facts(named=fact("p"), fellows=frozenset({"8"})), ("wait", "ambiguous")),
        ("p", T0, Facts(tombstone=True), None),
        ("p", T0, Facts(named=Gone.HIDDEN), ("wait", "ambiguous")),
        (None, None, Facts(keyed=(fact("p"),)), ("adopt", "p", "key", None)),
        (None, None, Facts(keyed=(fact("p"), fact("q"))), ("wait", "ambiguous")),
        (None, None, Facts(keyed=(fact("p"),), rivals=frozenset({"8"})), ("wait", "ambiguous")),
        (None, None, Facts(rivals=frozenset({"8"})), ("wait", "ambiguous")),
        (None, None, Facts(keyed=(fact("p", linked=("9",)),)), ("wait", "ambiguous")),
        (None, None, Facts(keyed=(fact("p", name="Somebody Else"),)), ("wait", "ambiguous")),
        (None, None, Facts(former=GUEST), ("adopt", "p", "registration", 5)),
    ],
    ids=[
        "nothing known: a new row", "a row claims it", "both name each other, a copy too", "two rows claim it",
        "the claiming row is another's: a copy", "engine 15: a copied marker", "the row does not contradict",
        "two records, one marker", "engine 12: a tombstone", "engine 12: the page is not to be found",
        "engine 13: by key", "two rows with the key", "two records with the key, one row", "two records, no row",
        "the row with the key is another's", "no word in common", "engine 14: a guest registers",
    ],
)  # fmt: skip
def test_identity_of_a_record(marker: Any, synced: Any, facts: Facts, expected: Any) -> None:
    assert said(identify(PEOPLE, record(marker, synced), facts, Policy())) == expected


def test_engine_13_only_clients_are_shared_between_services() -> None:
    """Another shop's product with the same SKU is another product."""
    theirs = Facts(keyed=(fact("p", "other:products:1"),))
    assert said(identify(PRODUCTS, record(), theirs, Policy())) == ("create", "notion")
    assert said(identify(PEOPLE, record(), theirs, Policy())) == ("adopt", "p", "key", None)


def test_engine_2_a_push_makes_no_rows() -> None:
    assert identify(PEOPLE, record(), Facts(), Policy(pull=False)) is None


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [("Ada Lovelace", "LOVELACE, ada", True), ("Ada", None, True), ("李 明", "明", True), ("Ada", "Eve", False)],
)
def test_names_that_share_a_word(one: str, other: str | None, shared: bool) -> None:
    assert share_a_word(one, other) is shared


def row(values: dict[str, Value], lines: tuple[str, ...] = (), modified: datetime = T0) -> Record:
    return Record("p", values, modified, marks=Marks(lines=lines, sources=frozenset({"shop"})))


def made(page: Record, policy: Policy = OPEN, quiet: int = 0) -> list[Any]:
    return from_notion(page, {"shop": (PRODUCTS, policy)}, T0, timedelta(seconds=quiet))


def test_engine_20_a_row_becomes_a_record_with_what_may_be_written() -> None:
    (change,) = made(row({"name": "Retreat", "status": "draft", "type": "simple"}))
    assert change.side is Side.SERVICE
    assert change.draft.values == {"name": "Retreat", "status": "draft"}
    assert change.draft.marks.page_id == "p"


@pytest.mark.parametrize(
    ("page", "policy", "quiet", "reason"),
    [
        (row({"name": None}), Policy(), 0, "needs: Name"),
        (row({"name": "x", "status": "sold"}), Policy(), 0, "takes none but draft"),
        (row({"name": "x"}), Policy(create=False), 0, "create = true"),
    ],
)
def test_engine_20_a_row_that_lacks_something_waits_and_says_what(
    page: Record, policy: Any, quiet: int, reason: str
) -> None:
    (change,) = made(page, policy, quiet)
    assert isinstance(change, Wait)
    assert reason in change.reason


def test_engine_20_once_linked_never_made_again() -> None:
    assert made(row({"name": "x"}, ("shop:products:3",))) == []


def test_engine_20_half_typed_rows_are_left_to_settle() -> None:
    assert made(row({"name": "x"}), quiet=120) == []
    assert len(made(row({"name": "x"}, modified=T0 - timedelta(seconds=121)), quiet=120)) == 1


def test_engine_20_a_pull_makes_nothing() -> None:
    assert made(row({"name": "x"}), Policy(push=False)) == []


def test_engine_20_mail_is_opt_in() -> None:
    mailing = Stream(
        "shop", "customers", Entity.CLIENTS, {"name": Ability(writable=True)}, create=True, create_mails=True
    )
    quiet = timedelta(0)
    (waiting,) = from_notion(row({"name": "x"}), {"shop": (mailing, Policy())}, T0, quiet)
    assert isinstance(waiting, Wait)
    assert "mails = true" in waiting.reason
    (change,) = from_notion(row({"name": "x"}), {"shop": (mailing, Policy(mails=True))}, T0, quiet)
    assert isinstance(change, Create)
    assert change.mails
