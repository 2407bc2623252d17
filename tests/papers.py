"""Tables of the docs that are made from what the adapters declare. `python -m tests.test_docs` writes them anew."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from higherself_sync import services
from higherself_sync.core.record import ENTITIES, Entity, Stream
from higherself_sync.notion.schema import TITLES as DATABASES

TITLES = {
    "woocommerce": "WooCommerce",
    "acuity": "Acuity",
    "amelia": "Amelia",
    "typeform": "Typeform",
    "userfeedback": "UserFeedback",
    "tutorlm": "Tutor LMS",
}

# What each kind needs, and no more: what the config adds to a stream is on the page of the service.
NEEDED: Mapping[str, dict[str, Any]] = {
    "woocommerce": {"url": "https://shop.example.com", "consumer_key": "env:A", "consumer_secret": "env:B"},
    "acuity": {"user_id": "1", "api_key": "env:A"},
    "amelia": {"url": "https://studio.example.com", "api_key": "env:A"},
    "typeform": {"token": "env:A"},
    "userfeedback": {"url": "https://www.example.com", "user": "a", "application_password": "env:A"},
    "tutorlm": {"url": "https://www.example.com", "api_key": "env:A", "api_secret": "env:B"},
}


def streams(kind: str) -> tuple[Stream, ...]:
    adapter = services.load(kind)
    found: tuple[Stream, ...] = adapter.streams(kind, adapter.Settings.model_validate(NEEDED[kind]))
    return found


def _titles(entity: Entity, names: set[str]) -> str:
    return ", ".join(each.title for each in ENTITIES[entity] if each.name in names) or "–"


def _writable(stream: Stream) -> set[str]:
    return {name for name, ability in stream.fields.items() if ability.writable}


def staff() -> Iterator[str]:
    """Per kind and database: what goes to the service, what is put back, and what nobody else says anything of."""
    yield "| rows | your change goes to the service | your change is put back | yours alone |"
    yield "| --- | --- | --- | --- |"
    for kind, title in TITLES.items():
        own = [each for each in streams(kind) if not each.derived or each.update]
        for entity in dict.fromkeys(each.entity for each in own):
            said = {name for each in own if each.entity is entity for name in each.fields}
            sent = {name for each in own if each.entity is entity for name in _writable(each)}
            rest = {each.name for each in ENTITIES[entity]} - said
            cells = (_titles(entity, sent), _titles(entity, said - sent), _titles(entity, rest))
            yield f"| {DATABASES[entity]} of {title} | {' | '.join(cells)} |"


def abilities() -> Iterator[str]:
    """Per stream: what travels in which direction, and how."""
    yield "| stream | Notion | to Notion | from Notion | made from rows | trash | changes are noticed by | back-link |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for kind, title in TITLES.items():
        for each in streams(kind):
            cells = (
                f"{title} `{each.name}`",
                DATABASES[each.entity],
                _titles(each.entity, set(each.fields)),
                _titles(each.entity, _writable(each)),
                "–" if not each.create else "yes, and the service mails the person" if each.create_mails else "yes",
                "yes" if each.archive else "–",
                _noticed(each),
                "yes" if each.marker else "–",
            )
            yield f"| {' | '.join(cells)} |"


def _noticed(stream: Stream) -> str:
    if stream.derived:
        return "the records they are in"
    if stream.window is not None:
        return f"comparing {stream.window[0]} days back and {stream.window[1]} ahead"
    return "asking what changed" if stream.modified_since else "reading the whole list"


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {"staff": staff, "abilities": abilities}
MARK = re.compile(r"(<!-- table: (\w+) -->)\n(?:\|.*\n)*")


def with_tables(page: str) -> str:
    """The page with each table below its mark."""
    return MARK.sub(lambda found: "\n".join([found[1], *TABLES[found[2]]()]) + "\n", page)
