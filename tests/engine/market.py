"""A hub, a shop and one state: the ground of stories about products that go into the trash and come out of it."""

from contextlib import suppress
from datetime import timedelta

from higherself_sync.bench import Seat
from higherself_sync.cast import Cast, Request
from higherself_sync.core.plan import Policy
from higherself_sync.core.record import Entity
from higherself_sync.report import Report
from higherself_sync.run import story
from higherself_sync.state import State
from tests.engine.memory import Crash, Fault, Memory, World, goods, hub, service


class Market:
    """So many products, in step."""

    def __init__(self, products: int = 1) -> None:
        self.world, self.state = World(), State(":memory:")
        self.hub, self.shop = hub(self.world, Entity.PRODUCTS), service(self.world, "shop", entity=Entity.PRODUCTS)
        self.shop.tells_trash = True
        self.stream = goods("shop")
        for number in range(products):
            self.shop.put({"name": f"Bowl {number}", "type": None, "status": None, "sku": f"B{number}"})
        self.run()

    def sides(self, first: str) -> tuple[Memory, Memory]:
        """The one of that name, and the other."""
        return (self.hub, self.shop) if first == "notion" else (self.shop, self.hub)

    def run(self, *, force: bool = False) -> Report:
        self.world.advance(700)
        policy = Policy(mails=True, on_notion_delete="archive")
        cast = Cast(
            [Seat(self.stream, policy, self.shop)], {Entity.PRODUCTS: self.hub}, timedelta(0), timedelta(0),
            side_by_side=False, names=frozenset({"shop"}), trash=self.hub.hints,
        )  # fmt: skip
        report = Report(f"run {self.world.requests}", self.world.now, "both")
        story(self.state, cast, Request(full=True, force=force), report)
        return report

    def run_that_meets(self, fault: Fault, *, force: bool = False) -> None:
        """The run's first write does."""
        self.world.faults = {self.world.sent + 1: fault}
        with suppress(Crash):
            self.run(force=force)
        assert not self.world.faults, "nothing was written"
        self.state.died()

    def causes(self) -> list[str]:
        """Of all that was logged, what is no edit."""
        return [each["cause"] for each in self.state.log_rows() if each["cause"] != "created"]
