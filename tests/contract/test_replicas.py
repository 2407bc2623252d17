"""The contract of every side, run over the hub on the twin and over the fakes that the state machine trusts."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

import pytest

from higherself_sync.core.record import Draft, Entity, Gone, Marks, Value, Values, instant, when
from tests.contract.replica_contract import ReplicaContract, Side
from tests.engine import memory
from tests.notion.ground import Ground

UNKNOWN = "22222222-2222-4222-8222-222222222222"
PAGE = "11111111-1111-4111-8111-{:012d}"
PERSON: Values = {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+44 20 1", "address": None}
PERSON_EDITS: Values = {"name": "Ada L.", "phone": "+44 20 2"}


class TestHub(ReplicaContract):
    """Three databases of different columns on the twin of Notion."""

    drafts: ClassVar[dict[Entity, tuple[Values, Values]]] = {
        Entity.CLIENTS: (PERSON, PERSON_EDITS),
        Entity.PRODUCTS: (
            {"name": "Bowl", "type": "simple", "status": "publish", "price": Decimal("12.5"), "sku": "B-1"},
            {"name": "Bowl; large", "status": "draft", "price": Decimal(15)},
        ),
        Entity.ORDERS: (
            {"order": "#1", "status": "pending", "total": Decimal("9.9"), "items": "1 × Bowl"},
            {"status": "completed", "customer_note": "ring twice\n& wait"},
        ),
    }

    @pytest.fixture(params=list(drafts), ids=str)
    def side(self, request: pytest.FixtureRequest) -> Side:
        entity: Entity = request.param
        ground = Ground()
        replica = ground.hub().replica(entity)
        values, edits = self.drafts[entity]
        if entity is Entity.ORDERS:
            edits = {**edits, "placed": when(ground.now - timedelta(days=3))}
        marks = [
            Marks((f"shop:things:{number}",), frozenset({"shop"}), None, instant(ground.now)) for number in range(6)
        ]
        for each in marks[:3]:
            replica.create(Draft(values, each))
        drafts = Draft(values, marks[4]), Draft(values, marks[5])
        return Side(replica, entity, edits, drafts, marks[3], True, UNKNOWN, Gone.HIDDEN, ground.advance)


def _memory(made: Callable[[memory.World], memory.Memory]) -> Side:
    world = memory.World()
    replica = made(world)
    pages = replica.side == "notion"
    stamp = instant(world.now)
    marks = [
        Marks((f"shop:customers:{number}",), frozenset({"shop"}), None, stamp)
        if pages
        else Marks(page_id=PAGE.format(number), synced=stamp)
        for number in range(6)
    ]
    for each in marks[:3]:
        replica.create(Draft(PERSON, each))
    drafts = Draft(PERSON, marks[4]), Draft(PERSON, marks[5])

    def same(name: str, one: Value, other: Value) -> bool:
        return replica.taken(name, one) == replica.taken(name, other)

    return Side(
        replica,
        Entity.CLIENTS,
        PERSON_EDITS,
        drafts,
        marks[3],
        True,
        UNKNOWN,
        Gone.HIDDEN if pages else Gone.DELETED,
        world.advance,
        same,
    )


class TestMemory(ReplicaContract):
    """What the state machine runs on behaves like what it stands for."""

    @pytest.fixture(params=["hub", "service", "service that keeps digits"])
    def side(self, request: pytest.FixtureRequest) -> Side:
        match request.param:
            case "hub":
                return _memory(memory.hub)
            case kind:
                digits = "digits" in kind
                return _memory(lambda world: memory.service(world, "shop", only_digits=digits))
