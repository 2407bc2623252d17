"""The parts of a run, put together from a config: hub, services, policies; and, for a dry run, stand-ins."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from higherself_sync import services as registry
from higherself_sync.bench import Seat
from higherself_sync.cast import Cast, Progress, Request
from higherself_sync.core.plan import Policy
from higherself_sync.core.record import (
    ORDER_OF_WORK,
    Batch,
    Draft,
    Entity,
    Gone,
    MarkedReplica,
    Marks,
    Record,
    Replica,
    Values,
    natural_key,
)

if TYPE_CHECKING:
    from higherself_sync.config import Config
    from higherself_sync.notion.hub import Hub
    from higherself_sync.sections import StreamSettings, Sync
    from higherself_sync.services.base import Service


@dataclass(slots=True)
class Parts:
    """Everything a run talks to."""

    cast: Cast
    hub: "Hub"
    services: Mapping[str, "Service"]
    dry: Mapping[str, list["DryReplica"]]

    def requests(self) -> dict[str, int]:
        return {"notion": self.hub.requests(), **{name: each.requests() for name, each in self.services.items()}}

    def cost(self) -> dict[str, int]:
        """What the run would send: what was read to plan it, and the writes that were held back."""
        sent = self.requests()
        return {name: sent[name] + sum(each.spent for each in self.dry.get(name, [])) for name in sent}

    def close(self) -> None:
        self.hub.close()
        for service in self.services.values():
            service.close()


def assemble(
    config: "Config", request: Request, cache: MutableMapping[str, str], progress: Callable[[Progress], None]
) -> Parts:
    """The parts for one run; no request is sent yet but those that resolve the databases when nothing is cached."""
    services = {name: open_service(config, name, cache) for name in request.services or tuple(config.services)}
    hub = open_hub(config, cache)
    used = {stream.entity for service in services.values() for stream in service.streams}
    # In order, so that what is wrong with a database is said of it, and not of those that relate to it.
    databases: dict[Entity, Replica] = {entity: hub.replica(entity) for entity in ORDER_OF_WORK if entity in used}
    dry: dict[str, list[DryReplica]] = {}
    if request.dry_run:
        databases = {entity: _dry(each, entity, "notion", dry) for entity, each in databases.items()}
    seats = []
    for name, service in services.items():
        replicas: dict[str, MarkedReplica] = {
            stream.name: service.replica(stream.name)
            for stream in service.streams
            if stream.update or not stream.derived
        }
        if request.dry_run:
            kinds = {stream.name: stream.entity for stream in service.streams}
            replicas = {each: _dry(real, kinds[each], name, dry) for each, real in replicas.items()}
        some = next(iter(replicas.values()))
        for stream in service.streams:
            policy = policy_of(config.stream(name, stream.name), config.sync, request)
            seats.append(Seat(stream, policy, replicas.get(stream.name, some)))
    cast = Cast(
        seats,
        databases,
        timedelta(seconds=config.sync.full_every),
        timedelta(seconds=config.sync.quiet),
        progress=progress,
        names=frozenset(config.services),
        accounts={name: service.account for name, service in services.items()},
        trash=hub.trash,
        cache=cache,
    )
    return Parts(cast, hub, services, dry)


def policy_of(settings: "StreamSettings", sync: "Sync", request: Request) -> Policy:
    """The config's standing wishes and this command's direction, as one."""
    return Policy(
        conflict=settings.conflict,
        first_contact=sync.first_contact,
        pull=settings.direction != "push" and request.direction != "push",
        push=settings.direction != "pull" and request.direction != "pull",
        writable=settings.direction != "pull",
        mails=settings.mails,
        create=settings.create,
        on_notion_delete=settings.on_notion_delete,
        on_service_delete=settings.on_service_delete,
        max_delete=sync.max_delete,
    )


def open_hub(config: "Config", cache: MutableMapping[str, str]) -> "Hub":
    """The hub of a config. Raises ConfigError for a missing token or database."""
    from higherself_sync.notion.client import Api
    from higherself_sync.notion.hub import Hub

    notion = config.notion
    api = Api(
        notion.token.reveal(),
        base_url=notion.base_url,
        version=notion.version,
        requests_per_minute=notion.requests_per_minute,
        timeout=config.http.timeout,
        max_wait=config.sync.max_wait,
    )
    known = declared_options(config)
    return Hub(api, databases=notion.databases, cache=cache, properties=notion.properties, known=known)


def declared_options(config: "Config") -> dict[Entity, dict[str, set[str]]]:
    """Per column the values that services declare: what tells an option with a comma from one with a semicolon."""
    found: dict[Entity, dict[str, set[str]]] = {}
    for stream in (each for name in config.services for each in config.declared(name)):
        for name, ability in stream.fields.items():
            found.setdefault(stream.entity, {}).setdefault(name, set()).update(ability.options or ())
    return found


def open_service(config: "Config", name: str, cache: MutableMapping[str, str]) -> "Service":
    """One configured account, connected but not yet asked anything."""
    from higherself_sync.http import open_door

    service = config.services[name]
    door = partial(open_door, timeout=config.http.timeout, max_wait=config.sync.max_wait)
    opened: Service = registry.load(service.kind).connect(name, service.settings, door, cache)
    return opened


# ------------------------------------------------------------------------------------------------------- dry runs


class DryReplica:
    """A replica that reads for real and only pretends to write: what comes back is what was sent.

    It is read for real once. Later reads, which ask what moved meanwhile, would undo what was pretended.
    """

    def __init__(self, inner: Replica, entity: Entity) -> None:
        self.inner, self.entity, self.spent, self.made, self._read = inner, entity, 0, 0, False

    def read(self, since: datetime | None) -> Iterator[Batch]:
        if self._read:
            self.spent += 1
            return iter(())
        self._read = True
        return self.inner.read(since)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        return self.inner.fetch(ids)

    def create(self, draft: Draft) -> Record:
        self.spent, self.made = self.spent + 1, self.made + 1
        key = natural_key(self.entity, draft.values)
        name = f"new-{self.entity.value}-{self.made}"
        return Record(name, draft.values, self.server_time(), key=key, marks=draft.marks)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        self.spent += 1
        return replace(current, values={**current.values, **values}, modified=self.server_time(), marks=marks)

    def archive(self, record_id: str) -> Record:
        self.spent += 1
        return Record(record_id, {}, self.server_time(), trashed=True)

    def restore(self, record_id: str, values: Values) -> Record:
        self.spent += 1
        return Record(record_id, values, self.server_time())

    def find_created(self, draft: Draft, since: datetime) -> Record | None:
        return self.inner.find_created(draft, since)

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:  # noqa: ARG002 the cost counts
        self.spent += 1
        return iter(())

    def covers(self, record: Record) -> bool:
        return self.inner.covers(record) if isinstance(self.inner, MarkedReplica) else True

    def server_time(self) -> datetime:
        return self.inner.server_time()


def _dry(replica: Replica, entity: Entity, side: str, dry: dict[str, list[DryReplica]]) -> DryReplica:
    stand_in = DryReplica(replica, entity)
    dry.setdefault(side, []).append(stand_in)
    return stand_in
