"""The site's time zone: what its times mean, told by WordPress's own index and checked against the config."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from threading import Lock
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from higherself_sync.errors import ConfigError, Unreachable
from higherself_sync.services.amelia.answers import Site

INDEX = "/wp-json/?_fields=namespaces,timezone_string,gmt_offset"


class Zone:
    """Asked once a process, and before anything is read: a wrong zone would move every session."""

    def __init__(self, site: Site) -> None:
        self._site, self._lock = site, Lock()
        self._found: tzinfo | ConfigError | None = None
        self._said: Mapping[str, object] | None = None

    def __call__(self) -> tzinfo:
        """Raises ConfigError where config and site disagree, or neither tells."""
        with self._lock:
            if self._found is None:
                try:
                    self._found = self._agreed(self.told())
                except ConfigError as error:
                    self._found = error
        if isinstance(self._found, ConfigError):
            raise self._found
        return self._found

    def told(self) -> str | timedelta | None:
        """The name of the site's zone, or how far it is from UTC all the year; None where the index does not say."""
        index = self.index()
        name, offset = index.get("timezone_string"), index.get("gmt_offset")
        if isinstance(name, str) and name:
            return name
        try:
            return None if offset in (None, "") else timedelta(hours=float(str(offset)))
        except ValueError:
            return None

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

    def _agreed(self, told: str | timedelta | None) -> tzinfo:
        wanted = self._site.settings.timezone
        match told:
            case None if wanted is None:
                raise self._unknown("the site does not say which time zone it is in", "as Europe/Berlin")
            case None:
                return ZoneInfo(str(wanted))
            case str() if wanted in (None, told):
                return self._known(told)
            case str():
                raise self._unknown(f"the site's zone is {told}, and the config says {wanted}", f'"{told}"')
            case timedelta():
                return self._fixed(told, wanted)

    def _known(self, name: str) -> tzinfo:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self._unknown(f"this machine does not know the site's zone, {name}", "as its nearest city") from None

    def _fixed(self, offset: timedelta, wanted: str | None) -> tzinfo:
        """WordPress can be set to "UTC+1" instead of a city: its clock then knows no summer."""
        year = self._site.server_time().year
        moments = [datetime(year, month, 1, tzinfo=UTC) for month in (1, 7)]
        if wanted is not None and any(ZoneInfo(wanted).utcoffset(each) != offset for each in moments):
            hours = offset.total_seconds() / 3600
            raise self._unknown(
                f"the site is set to UTC{hours:+g} all the year, and the config says {wanted}",
                "of such a place, leave it out, or choose a city under Settings > General in WordPress",
            )
        return timezone(offset)

    def _unknown(self, message: str, example: str) -> ConfigError:
        return ConfigError(message, place=self._site.place, remedy=f"write timezone = {example}")
