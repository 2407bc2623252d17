"""The site's time zone: what its times mean, told by WordPress's own index and checked against the config."""

from collections.abc import Mapping, MutableMapping
from datetime import datetime, tzinfo
from threading import Lock
from zoneinfo import ZoneInfo

from higherself_sync.errors import ConfigError, Unreachable
from higherself_sync.services.amelia.answers import Site
from higherself_sync.services.wordpress.clock import zone_of

INDEX = "/wp-json/?_fields=namespaces,timezone_string,gmt_offset"


class Zone:
    """Asked once a run, and before anything is read: a wrong zone would move every session.

    `cache` outlives the run: a site that once said where it is must not move by itself.
    """

    def __init__(self, site: Site, cache: MutableMapping[str, str]) -> None:
        self._site, self._cache, self._lock = site, cache, Lock()
        self._key = f"{site.name}:timezone"
        self._found: tzinfo | ConfigError | None = None
        self._said: Mapping[str, object] | None = None

    def __call__(self) -> tzinfo:
        """Raises ConfigError where config and site disagree, or neither tells."""
        with self._lock:
            if self._found is None:
                try:
                    self._found = self._checked(self.index())
                except ConfigError as error:
                    self._found = error
        if isinstance(self._found, ConfigError):
            raise self._found
        return self._found

    def told(self) -> bool:
        """Whether the site says where it is."""
        index = self.index()
        return bool(index.get("timezone_string")) or index.get("gmt_offset") not in (None, "")

    def index(self) -> Mapping[str, object]:
        """What WordPress says of itself to anybody; empty where it does not answer, as plugins can make it.

        Raises ConfigError where the site is elsewhere, Unreachable where the config cannot stand in for an answer.
        """
        if self._said is None:
            try:
                answer = self._site.api.request("GET", INDEX)
            except Unreachable:
                if self._site.settings.timezone is None:
                    raise
                return {}
            if 300 <= answer.status < 400:
                raise self._site.redirected(answer.headers.get("location", ""))
            self._said = answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}
        return self._said

    def _checked(self, index: Mapping[str, object]) -> tzinfo:
        expected = self._site.settings.timezone or self._cache.get(self._key)
        zone = zone_of(index, expected, self._site.server_time(), self._site.place)
        if name := index.get("timezone_string"):
            self._cache[self._key] = str(name)
        elif self.told() and isinstance(zone, ZoneInfo):
            self._check_it_never_moves(zone)
        return zone

    def _check_it_never_moves(self, zone: ZoneInfo) -> None:
        """WordPress can be set to "UTC+1" instead of a city: that knows no summer, and the window reaches into it."""
        year = self._site.server_time().year
        if len({datetime(year, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)}) > 1:
            remedy = "leave timezone out, or choose a city under Settings > General there"
            message = f"the site is set to an offset all the year, and the clocks of {zone.key} change"
            raise ConfigError(message, place=self._site.place, remedy=remedy)
