"""Whoever comes to the site, when, and how the site is set: all that an answer depends on besides what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.amelia.answers import Edition, Failed, Refused
from higherself_sync.sandbox.amelia.store import Store


@dataclass(frozen=True, slots=True)
class Visit:
    """`now` has whole seconds; `items_per_page` is the site's setting, None for that of a new site."""

    now: datetime
    edition: Edition = "elite"
    items_per_page: int | None = None
    base: str = ""

    @property
    def is_lite(self) -> bool:
        return self.edition == "lite"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that has found its route. `params` are the query as PHP reads it; `id` is 0 where the path has none."""

    store: Store
    visit: Visit
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    is_guest: bool = False

    def needs_login(self) -> None:
        """Raises Refused for somebody without one, as the acts on appointments do."""
        if self.is_guest:
            raise Refused(None, {"reauthorize": True})

    def needs_right(self, message: str) -> None:
        """Raises Failed (403) for somebody without a login, as the other acts do."""
        if self.is_guest:
            raise Failed(message, 403)

    def needs_fields(self, *names: str) -> None:
        """Raises Failed."""
        if missing := [name for name in names if self.body.get(name) is None]:
            raise Failed(f"Mandatory fields not passed! Missing: {', '.join(missing)}")
