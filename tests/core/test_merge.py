"""Three-way merge by tables: what each rule of the engine decides for one row."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from higherself_sync.core.merge import at_rest, merge
from higherself_sync.core.plan import (
    Agreed,
    Cause,
    Conflict,
    Hold,
    HoldKind,
    Link,
    Party,
    Plan,
    Policy,
    Rebase,
    Row,
    Update,
    Wait,
)
from higherself_sync.core.record import Ability, Entity, Marks, Record, Side, Stream, Value

T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def only_digits(value: Value) -> Value:
    return "".join(each for each in str(value) if each.isdigit())


SHOP = Stream(
    "shop",
    "customers",
    Entity.CLIENTS,
    {
        "name": Ability(writable=True),
        "phone": Ability(writable=True, same=only_digits),
        "email": Ability(writable=True, options=frozenset({"a@x", "b@x"}), mails=frozenset({"b@x"})),
        "address": Ability(),
    },
)
GUESTS = Stream("shop", "people", Entity.CLIENTS, {"name": Ability(), "phone": Ability()}, derived=True)
DESK = Stream("desk", "clients", Entity.CLIENTS, {"name": Ability(writable=True), "phone": Ability(writable=True)})
ORDERS = Stream("shop", "orders", Entity.ORDERS, {"products": Ability(), "total": Ability()})


def party(
    stream: Stream, values: dict[str, Value], base: dict[str, tuple[Value, Value]] | None = None, **more: Any
) -> Party:
    number = {"customers": 1, "people": 2, "clients": 3, "orders": 4}[stream.name]
    agreed = {name: Agreed(*pair) for name, pair in (base or {}).items()}
    link = Link(number, stream.service, stream.name, "7", "page", agreed)
    record = Record("7", values, more.pop("modified", T0), marks=Marks(synced=more.pop("stamp", None)))
    record = Record(record.id, values, record.modified, marks=record.marks, locked=more.pop("locked", frozenset()))
    return Party(link, stream, record, more.pop("policy", Policy()), more.pop("times", {}), more.pop("holds", {}))


def row(values: dict[str, Value], *parties: Party, **more: Any) -> Row:
    page = Record("page", values, more.pop("modified", T0), marks=Marks(synced=more.pop("stamp", None)))
    return Row(page, parties, more.pop("times", {}), more.pop("absent", frozenset()))


def said(plan: Plan) -> list[tuple[Any, ...]]:
    """A plan in short: what is written where, agreed, asked."""
    short: list[tuple[Any, ...]] = []
    for change in plan:
        match change:
            case Update(side, link, fields):
                short += [(side.value, link.id, name, write.after, write.cause.value) for name, write in fields.items()]
            case Rebase(link, agreed):
                short += [("agree", link.id, name, both.service, both.notion) for name, both in agreed.items()]
            case Conflict(link, name, _, _, winner):
                short.append(("conflict", link.id, name, winner and winner.value))
            case Wait(kind=kind, field=waiting):
                short.append(("wait", kind.value, waiting))
            case _:
                short.append((type(change).__name__,))
    return short


BASE: dict[str, tuple[Value, Value]] = {"name": ("Ada", "Ada")}


@pytest.mark.parametrize(
    ("theirs", "page", "expected"),
    [
        ("Ada", "Ada", []),
        ("Ada L.", "Ada", [("notion", 1, "name", "Ada L.", "edit"), ("agree", 1, "name", "Ada L.", "Ada L.")]),
        ("Ada", "Ada B.", [("service", 1, "name", "Ada B.", "edit")]),
        ("Ada C.", "Ada C.", [("agree", 1, "name", "Ada C.", "Ada C.")]),
        (None, "Ada", [("notion", 1, "name", None, "edit"), ("agree", 1, "name", None, None)]),
        ("Ada", None, [("service", 1, "name", None, "edit")]),
    ],
    ids=["neither", "service", "notion", "both alike", "cleared there", "cleared here"],
)
def test_engine_8_one_side_changed(theirs: Value, page: Value, expected: list[Any]) -> None:
    assert said(merge(row({"name": page}, party(SHOP, {"name": theirs}, BASE)))) == expected


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("conflict", "service_at", "notion_at", "winner"),
    [
        ("newest", T0 + MINUTE, T0, "service"),
        ("newest", T0, T0 + MINUTE, "notion"),
        ("newest", T0 + timedelta(seconds=59), T0, "notion"),
        ("notion", T0 + MINUTE, T0, "notion"),
        ("service", T0, T0 + MINUTE, "service"),
        ("newest", None, T0, "notion"),
    ],
    ids=["later there", "later here", "same minute: Notion", "always Notion", "always the service", "unknown: Notion"],
)
def test_engine_8_both_changed(conflict: Any, service_at: datetime | None, notion_at: datetime, winner: str) -> None:
    shop = party(SHOP, {"name": "Ada S."}, BASE, policy=Policy(conflict=conflict), modified=service_at)
    plan = said(merge(row({"name": "Ada N."}, shop, modified=notion_at)))
    assert ("conflict", 1, "name", winner) in plan
    loser = (
        ("notion", 1, "name", "Ada S.", "policy") if winner == "service" else ("service", 1, "name", "Ada N.", "policy")
    )
    assert loser in plan


def test_engine_8_different_fields_both_survive() -> None:
    base: dict[str, tuple[Value, Value]] = {**BASE, "phone": ("1", "1")}
    plan = said(merge(row({"name": "Ada", "phone": "2"}, party(SHOP, {"name": "Ada L.", "phone": "1"}, base))))
    assert ("notion", 1, "name", "Ada L.", "edit") in plan
    assert ("service", 1, "phone", "2", "edit") in plan


def test_engine_9_ask_leaves_both_sides_alone() -> None:
    shop = party(SHOP, {"name": "Ada S."}, BASE, policy=Policy(conflict="ask"))
    assert said(merge(row({"name": "Ada N."}, shop))) == [("conflict", 1, "name", None)]


def test_engine_9_a_decision_counts_only_for_the_values_that_were_shown() -> None:
    hold = Hold(HoldKind.CONFLICT, "Ada S.", "Ada N.", decision=Side.SERVICE)
    policy = Policy(conflict="ask")
    shown = party(SHOP, {"name": "Ada S."}, BASE, policy=policy, holds={"name": hold})
    assert ("notion", 1, "name", "Ada S.", "resolved") in said(merge(row({"name": "Ada N."}, shown)))
    moved = party(SHOP, {"name": "Ada T."}, BASE, policy=policy, holds={"name": hold})
    assert said(merge(row({"name": "Ada N."}, moved))) == [("conflict", 1, "name", None)]


def test_engine_9_it_closes_when_one_side_returns_to_its_base() -> None:
    hold = Hold(HoldKind.CONFLICT, "Ada S.", "Ada N.", forced=True)
    back = party(SHOP, {"name": "Ada"}, BASE, policy=Policy(conflict="ask"), holds={"name": hold})
    assert said(merge(row({"name": "Ada N."}, back))) == [("service", 1, "name", "Ada N.", "edit")]


def test_no_policy_guesses_after_an_unanswered_write() -> None:
    hold = Hold(HoldKind.CONFLICT, "Ada S.", "Ada N.", forced=True)
    shop = party(SHOP, {"name": "Ada S."}, BASE, policy=Policy(conflict="service"), holds={"name": hold})
    assert said(merge(row({"name": "Ada N."}, shop))) == [("conflict", 1, "name", None)]


def test_engine_10_a_service_owned_field_is_put_back_once() -> None:
    base: dict[str, tuple[Value, Value]] = {"address": ("Oslo", "Oslo")}
    plan = said(merge(row({"address": "Rome"}, party(SHOP, {"address": "Oslo"}, base))))
    assert plan == [("notion", 1, "address", "Oslo", "restored")]
    again = party(SHOP, {"address": "Oslo"}, base, holds={"address": Hold(HoldKind.RESTORED, "Oslo", "Rome")})
    assert said(merge(row({"address": "Rome"}, again))) == [("wait", "not_taken", "address")]
    assert ("notion", 1, "address", "Oslo", "restored") in said(merge(row({"address": "Bonn"}, again)))


def test_engine_10_writability_is_a_matter_of_the_record() -> None:
    locked = party(SHOP, {"name": "Ada"}, BASE, locked=frozenset({"name"}))
    assert said(merge(row({"name": "Eve"}, locked))) == [("notion", 1, "name", "Ada", "restored")]


def test_engine_10_no_war_between_two_services_that_own_the_same_column() -> None:
    other = Stream("other", "customers", Entity.CLIENTS, {"address": Ability()})
    first = party(SHOP, {"address": "Oslo"}, {"address": ("Oslo", "Rome")})
    second = Party(Link(9, "other", "customers", "1", "page", {"address": Agreed("Rome", "Rome")}), other,
                   Record("1", {"address": "Rome"}, T0), Policy())  # fmt: skip
    assert said(merge(row({"address": "Rome"}, first, second))) == []


def test_engine_5_not_taken_waits_until_a_side_moves() -> None:
    base: dict[str, tuple[Value, Value]] = {"name": ("Ada", "Ada")}
    hold = {"name": Hold(HoldKind.NOT_TAKEN, "Ada", "Ada!")}
    shop = party(SHOP, {"name": "Ada"}, base, holds=hold)
    assert said(merge(row({"name": "Ada!"}, shop))) == [("wait", "not_taken", "name")]
    assert said(merge(row({"name": "Ada?"}, shop))) == [("service", 1, "name", "Ada?", "edit")]


def test_engine_8_a_side_with_a_form_of_its_own_never_looks_changed() -> None:
    """The shop keeps digits; the page shows the number as it was typed."""
    base: dict[str, tuple[Value, Value]] = {"phone": ("4930", "+49 30")}
    shop = party(SHOP, {"phone": "4930"}, base)
    assert said(merge(row({"phone": "+49 30"}, shop))) == []
    assert at_rest(shop, {"phone": "+49 30"})


@pytest.mark.parametrize(
    ("page_at", "record_at", "winner"),
    [(10, 0, "notion"), (0, 10, "service"), (10, 10, None), (0, 0, None), (2, 0, None)],
    ids=["page edited", "record edited", "both: ask", "neither: ask", "within the slack: ask"],
)
def test_engine_11_first_contact_by_the_stamps(page_at: int, record_at: int, winner: str | None) -> None:
    shop = party(SHOP, {"name": "Ada S."}, {}, stamp=T0, modified=T0 + record_at * MINUTE)
    plan = said(merge(row({"name": "Ada N."}, shop, stamp=T0 - MINUTE, modified=T0 + page_at * MINUTE)))
    assert ("conflict", 1, "name", winner) in plan


@pytest.mark.parametrize(
    ("theirs", "page", "expected"),
    [
        ("Ada", "Ada", [("agree", 1, "name", "Ada", "Ada")]),
        ("Ada", None, [("notion", 1, "name", "Ada", "first contact"), ("agree", 1, "name", "Ada", "Ada")]),
        (None, "Ada", [("service", 1, "name", "Ada", "first contact")]),
        (None, None, [("agree", 1, "name", None, None)]),
    ],
)
def test_engine_11_first_contact_fills_what_is_empty(theirs: Value, page: Value, expected: list[Any]) -> None:
    assert said(merge(row({"name": page}, party(SHOP, {"name": theirs}, {})))) == expected


def test_engine_11_the_service_wins_its_own_columns_at_first_contact() -> None:
    plan = said(merge(row({"address": "Rome"}, party(SHOP, {"address": "Oslo"}, {}))))
    assert ("notion", 1, "address", "Oslo", "first contact") in plan


def test_engine_11_a_link_that_still_holds_the_pages_value_does_not_undo_anothers_edit() -> None:
    """Without a base: the shop edited, the desk was only touched, later than its stamp."""
    shop = party(SHOP, {"phone": "2"}, {}, stamp=T0, modified=T0 + 10 * MINUTE)
    desk = party(DESK, {"phone": "1"}, {}, stamp=T0, modified=T0 + 20 * MINUTE)
    plan = said(merge(row({"phone": "1"}, shop, desk, stamp=T0)))
    assert ("notion", 1, "phone", "2", "first contact") in plan
    assert ("service", 3, "phone", "2", "fan-out") in plan


def test_engine_11_a_number_written_in_two_ways_is_one_and_each_side_keeps_its_own() -> None:
    plan = merge(row({"phone": "+49 (30) 1-2"}, party(DESK, {"phone": "+49 30 12"})))
    assert said(plan) == [("agree", 3, "phone", "+49 30 12", "+49 (30) 1-2")]
    plan = merge(row({"phone": "+49 (30) 1-2"}, party(DESK, {"phone": "+49 30 13"})))
    assert said(plan) == [("conflict", 3, "phone", None)]


def test_engine_14_first_sight_of_a_guest_fills_only_empty_fields() -> None:
    guest = party(GUESTS, {"name": "A.", "phone": "1"}, {})
    plan = said(merge(row({"name": "Ada", "phone": None}, guest)))
    assert plan == [
        ("notion", 2, "phone", "1", "first contact"),
        ("agree", 2, "name", "A.", "Ada"),
        ("agree", 2, "phone", "1", "1"),
    ]


def test_engine_14_an_edit_in_notion_is_no_quarrel_with_a_guest() -> None:
    guest = party(GUESTS, {"name": "Ada"}, BASE)
    assert said(merge(row({"name": "Ada L."}, guest))) == [("agree", 2, "name", "Ada", "Ada L.")]


def test_engine_4_what_one_link_wrote_is_a_change_for_the_others() -> None:
    """Her phone changed in the desk: one write to the page, and the shop gets it in the same pass."""
    base: dict[str, tuple[Value, Value]] = {"phone": ("1", "1")}
    plan = said(merge(row({"phone": "1"}, party(SHOP, {"phone": "1"}, base), party(DESK, {"phone": "2"}, base))))
    assert plan == [
        ("notion", 3, "phone", "2", "edit"),
        ("service", 1, "phone", "2", "fan-out"),
        ("agree", 3, "phone", "2", "2"),
    ]


def test_engine_8_a_fanned_out_change_keeps_the_time_of_its_edit() -> None:
    base: dict[str, tuple[Value, Value]] = {"phone": ("1", "1")}
    desk = party(DESK, {"phone": "2"}, base, times={"phone": T0 + MINUTE})
    plan = merge(row({"phone": "1"}, party(SHOP, {"phone": "1"}, base), desk))
    assert [each.fields["phone"].at for each in plan if isinstance(each, Update)] == [T0 + MINUTE] * 2


def test_both_services_changed_at_once_and_all_three_come_together() -> None:
    base: dict[str, tuple[Value, Value]] = {"phone": ("1", "1")}
    shop = party(SHOP, {"phone": "2"}, base, times={"phone": T0})
    desk = party(DESK, {"phone": "3"}, base, times={"phone": T0 + MINUTE})
    plan = said(merge(row({"phone": "1"}, shop, desk)))
    assert ("notion", 3, "phone", "3", "policy") in plan
    assert ("service", 1, "phone", "3", "fan-out") in plan


PULL, PUSH = Policy(push=False), Policy(pull=False)


@pytest.mark.parametrize(
    ("policy", "theirs", "page", "expected"),
    [
        (PULL, "Ada", "Eve", []),
        (PUSH, "Eve", "Ada", []),
        (PULL, "Eve", "Ada", [("notion", 1, "name", "Eve", "edit"), ("agree", 1, "name", "Eve", "Eve")]),
        (PUSH, "Ada", "Eve", [("service", 1, "name", "Eve", "edit")]),
        (PULL, "S", "N", []),
        (PUSH, "S", "N", [("conflict", 1, "name", "notion"), ("service", 1, "name", "N", "policy")]),
    ],
)
def test_engine_2_a_direction_leaves_the_other_way_for_later(
    policy: Policy, theirs: Value, page: Value, expected: list[Any]
) -> None:
    assert said(merge(row({"name": page}, party(SHOP, {"name": theirs}, BASE, policy=policy)))) == expected


def test_engine_26_an_unknown_option_waits_and_names_the_known_ones() -> None:
    plan = merge(row({"email": "z@x"}, party(SHOP, {"email": "a@x"}, {"email": ("a@x", "a@x")})))
    assert isinstance(plan[0], Wait)
    assert plan[0].kind is HoldKind.SET_ASIDE
    assert "a@x, b@x" in plan[0].reason


def test_engine_20_what_mails_the_customer_is_opt_in() -> None:
    base: dict[str, tuple[Value, Value]] = {"email": ("a@x", "a@x")}
    plan = merge(row({"email": "b@x"}, party(SHOP, {"email": "a@x"}, base)))
    assert isinstance(plan[0], Wait)
    assert "mails = true" in plan[0].reason
    allowed = merge(row({"email": "b@x"}, party(SHOP, {"email": "a@x"}, base, policy=Policy(mails=True))))
    assert [each.mails for each in allowed if isinstance(each, Update)] == [True]


RELATED: dict[str, tuple[Value, Value]] = {"products": (frozenset({"a"}), frozenset({"a"}))}


@pytest.mark.parametrize(
    ("theirs", "page", "written"),
    [
        ({"a", "b"}, {"a"}, {"a", "b"}),
        ({"a"}, {"a", "x"}, None),
        ({"b"}, {"a", "x"}, {"b", "x"}),
        (set(), {"a", "x"}, {"x"}),
        ({"a"}, set(), {"a"}),
    ],
    ids=["one more", "a person's extra stays", "exchanged", "taken away there", "taken away here: put back"],
)
def test_engine_25_relations_merge_by_element(theirs: set[str], page: set[str], written: set[str] | None) -> None:
    plan = merge(row({"products": frozenset(page)}, party(ORDERS, {"products": frozenset(theirs)}, RELATED)))
    updates = [each.fields["products"].after for each in plan if isinstance(each, Update)]
    assert updates == ([frozenset(written)] if written is not None else [])


def test_engine_25_a_missing_target_is_no_change() -> None:
    """The product's page is in the trash: Notion shows the order without it, and nobody took it away."""
    order = party(ORDERS, {"products": frozenset({"a"})}, RELATED)
    plan = merge(row({"products": frozenset()}, order, absent=frozenset({"a"})))
    assert not [each for each in plan if isinstance(each, Update)]


@pytest.mark.parametrize("theirs", [frozenset({"a"}), frozenset()], ids=["still related", "taken away there"])
@pytest.mark.parametrize("page", [frozenset({"a"}), frozenset()], ids=["shown", "not shown"])
def test_engine_25_nothing_is_agreed_on_a_target_that_nobody_can_see(
    theirs: frozenset[str], page: frozenset[str]
) -> None:
    """It is in the trash, or cannot be read. What was taken away meanwhile goes when it can be seen again."""
    order = party(ORDERS, {"products": theirs}, RELATED)
    assert merge(row({"products": page}, order, absent=frozenset({"a"}))) == ()
    plan = merge(row({"products": frozenset({"a"})}, order))
    assert bool(plan) is (not theirs)


def test_a_put_back_carries_its_cause() -> None:
    plan = merge(row({"total": None}, party(ORDERS, {"total": None}, {"total": (None, None)})))
    assert plan == ()
    restored = merge(row({"address": "x"}, party(SHOP, {"address": "y"}, {"address": ("y", "y")})))
    assert [each.fields["address"].cause for each in restored if isinstance(each, Update)] == [Cause.RESTORED]
