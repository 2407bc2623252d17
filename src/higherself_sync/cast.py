"""What a run is asked for, and who takes part in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

from higherself_sync.bench import Seat
from higherself_sync.core.record import Entity, Record, Replica

Direction: TypeAlias = Literal["both", "pull", "push"]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. `services` empty: all of them."""

    direction: Direction = "both"
    services: tuple[str, ...] = ()
    dry_run: bool = False
    full: bool = False
    rebuild: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: records read while `total` is None, then rows and records worked through."""

    stage: str
    done: int
    total: int | None = None


@dataclass(slots=True)
class Cast:
    """Who takes part in a story: the streams with their policies and replicas in config order, and the databases.

    `names`: every service of the config, taking part or not. `accounts`: per service name the account it stands for.
    `trash`: rows that may lie in the trash, the last ones first: hints, an answer at a time. `cache`: what adapters
    keep from run to run; it is stored together with what was read, so that a run that is killed does not forget it.
    """

    seats: list[Seat]
    hub: Mapping[Entity, Replica]
    full_every: timedelta = timedelta(hours=24)
    quiet: timedelta = timedelta(minutes=2)
    side_by_side: bool = True
    progress: Callable[[Progress], None] = lambda _: None
    names: frozenset[str] = field(default_factory=frozenset)
    accounts: Mapping[str, str] = field(default_factory=dict)
    trash: Callable[[], Iterator[Sequence[tuple[Entity, Record]]]] = lambda: iter(())
    cache: Mapping[str, str] = field(default_factory=dict)
