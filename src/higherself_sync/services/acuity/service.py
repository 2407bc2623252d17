"""One account as a service, and how it is opened."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING

from higherself_sync.errors import ConfigError, HsnError
from higherself_sync.services.acuity.answers import Account
from higherself_sync.services.acuity.appointment_types import Catalogue, Types
from higherself_sync.services.acuity.appointments import Appointments
from higherself_sync.services.acuity.kinds import streams
from higherself_sync.services.acuity.people import People
from higherself_sync.services.acuity.settings import Settings
from higherself_sync.services.acuity.signing import basic, repeatable
from higherself_sync.services.acuity.spellings import Spellings
from higherself_sync.services.acuity.windows import Lists
from higherself_sync.services.acuity.wire import IntakeForm, Me
from higherself_sync.services.base import Check

if TYPE_CHECKING:
    from higherself_sync.http import Api, Door

PARALLEL = 20  # documented, with ten requests a second, and counted by the address that asks


class Acuity:
    """One account. `api` is its own: `close` closes it."""

    kind = "acuity"

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self._settings = name, settings
        self.account = f"{self.kind} {settings.user_id}"
        self.streams = streams(name, settings)
        self._account = Account(name, settings, api, cache)
        catalogue, lists, spellings = Catalogue(self._account), Lists(self._account), Spellings()
        self._appointments = Appointments(self._account, catalogue, lists, spellings)
        self._people = People(self._account, lists, spellings)
        self._types = Types(self._account, catalogue)

    def replica(self, stream: str) -> Appointments | People | Types:
        match stream:
            case "appointments":
                return self._appointments
            case "people":
                return self._people
            case "types":
                return self._types
            case _:
                raise KeyError(stream)

    def requests(self) -> int:
        return self._account.api.door.sent

    def close(self) -> None:
        self._account.api.close()

    def health(self) -> Iterator[Check]:
        """One request, which proves user id and key; a second one where a form's field is to hold the back-links."""
        try:
            me = self._account.ask_me()
        except HsnError as error:
            yield self._failure("account", error)
            return
        yield self._check("account", f"{self._settings.base_url}: user id and API key are accepted, plan {me.plan}")
        if not me.capabilities.can_use_api:
            message = "Acuity says that the plan has no API access, and yet it answers"
            yield Check("plan", "warn", message, "ask Acuity before it stops", self.name)
        yield from self._checked("zone", lambda: self._zone(me))
        if self._settings.marker_field is not None:
            yield from self._checked("marker_field", self._field)

    def _checked(self, name: str, prove: Callable[[], str]) -> Iterator[Check]:
        try:
            yield self._check(name, prove())
        except HsnError as error:
            yield self._failure(name, error)

    def _check(self, name: str, message: str) -> Check:
        return Check(name, "ok", message, service=self.name)

    def _failure(self, name: str, error: HsnError) -> Check:
        return Check(name, "fail", error.message, error.remedy, self.name, error.exit_code)

    def _zone(self, me: Me) -> str:
        wanted, place = self._settings.timezone, f"services.{self.name}"
        if wanted and me.timezone and wanted != me.timezone:
            remedy = f'write timezone = "{me.timezone}", or leave it out'
            raise ConfigError(f"the account's zone is {me.timezone}", place=place, remedy=remedy)
        return f"its days are those of {wanted or me.timezone}"

    def _field(self) -> str:
        number, place = self._settings.marker_field, f"services.{self.name}"
        forms = self._account.listed(self._account.ask("GET", "forms"), IntakeForm)
        if number not in {field.id for form in forms for field in form.fields}:
            remedy = "correct marker_field, or leave it out: back-links then stand in the notes"
            raise ConfigError(f"no intake form has a field {number}", place=place, remedy=remedy)
        return f"field {number} of an intake form holds the back-links"


def connect(name: str, settings: Settings, open_door: "Callable[..., Door]", cache: MutableMapping[str, str]) -> Acuity:
    """The account behind a door of its own. `cache` outlives the run. Raises ConfigError for a secret not to be had."""
    from higherself_sync.http import Api

    sign = basic(settings.user_id, settings.api_key.reveal())
    limits = {"per_second": settings.requests_per_second, "parallel": PARALLEL}
    door = open_door(name, **limits, repeatable=repeatable, sign=sign)
    return Acuity(name, settings, Api(door, settings.base_url), cache)
