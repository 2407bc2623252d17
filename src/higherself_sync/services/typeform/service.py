"""One Typeform account: its streams, its health, and how it is connected."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from higherself_sync.errors import ConfigError, HsnError, Unauthorised
from higherself_sync.services.base import Check
from higherself_sync.services.typeform.account import SCOPES, Account, BadToken
from higherself_sync.services.typeform.replica import Responses
from higherself_sync.services.typeform.settings import DATA_CENTRES, Settings
from higherself_sync.services.typeform.streams import streams

if TYPE_CHECKING:
    from higherself_sync.http import Api, Door

NAMED = 12  # forms that `health` lists by name
LOOKED_INTO = 10  # forms that `health` asks for a response


class Typeform:
    """One account. `api` is its own: `close` closes it."""

    kind = "typeform"

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self._settings = name, settings
        # Whose the token is only a request could tell, and tokens are renewed: so it is the address, and where two
        # accounts live at one, the word that the config has for each.
        self.account = " ".join(filter(None, (self.kind, settings.base_url, settings.account)))
        self.streams = streams(name, settings)
        self._account = Account(name, settings, api, cache)

    def replica(self, stream: str) -> Responses:
        if not any(each.name == stream and not each.derived for each in self.streams):
            raise KeyError(stream)
        return Responses(self._account, stream)

    def requests(self) -> int:
        return self._account.api.door.sent

    def close(self) -> None:
        self._account.api.close()

    # ---- health

    def health(self) -> Iterator[Check]:
        """The token, the forms with the questions that the config names, a response. The first failure ends it."""
        for name, look in (("token", self._token), ("forms", self._forms), ("responses", self._responses)):
            try:
                yield from look()
            except HsnError as error:
                yield Check(name, "fail", error.message, error.remedy, self.name, error.exit_code)
                return

    def _check(self, name: str, message: str, remedy: str = "") -> Check:
        """With a remedy it is a warning."""
        return Check(name, "warn" if remedy else "ok", message, remedy, self.name)

    def _token(self) -> Iterator[Check]:
        try:
            self._account.ask("/me")
        except BadToken as error:
            if self._settings.base_url in DATA_CENTRES:
                raise self._elsewhere() from error
            raise
        yield self._check("token", f"{self._settings.base_url}: the token is good")

    def _elsewhere(self) -> HsnError:
        """Whose token it is, as far as the other data centres tell."""
        place = self._account.place
        others = [each for each in DATA_CENTRES if each != self._settings.base_url]
        for other in others:
            try:
                self._account.ask(f"{other}/me")
            except HsnError:
                continue
            remedy = f'write base_url = "{other}" in [{place}]'
            return ConfigError(f"the token belongs to {other}", place=place, remedy=remedy)
        remedy = (
            f"make a new personal token with the scopes {SCOPES} (Typeform: your avatar, Settings, Personal tokens)"
        )
        return Unauthorised("no data centre of Typeform knows the token", place=place, remedy=remedy)

    def _forms(self) -> Iterator[Check]:
        forms = self._account.catalogue().forms
        if not forms:
            remedy = "make one, or let the token see the workspace; if there are forms, check base_url"
            yield self._check("forms", "the token sees no form", remedy)
            return
        titles = [f"{each.title} ({each.id})" for each in forms.values()]
        more = f" and {len(titles) - NAMED} more" if len(titles) > NAMED else ""
        yield self._check("forms", ", ".join(titles[:NAMED]) + more)
        yield from self._refs()

    def _refs(self) -> Iterator[Check]:
        """A ref may be right though no question has it any more: old answers do. So it is a warning."""
        catalogue = self._account.catalogue()
        for form_id, roles in self._settings.fields.items():
            if form_id not in catalogue.forms:
                remedy = f"correct it in [{self._account.place}.fields]"
                yield self._check("fields", f"there is no form {form_id}", remedy)
                continue
            form = self._account.form(form_id, catalogue)
            there = {*(each.ref for each in form.questions()), *form.hidden}
            if missing := sorted(ref for _, ref in roles if ref and ref not in there):
                message = f"{form_id} has no question or hidden field called {', '.join(missing)}"
                yield self._check("fields", message, f"it has: {', '.join(sorted(there))}")

    def _responses(self) -> Iterator[Check]:
        forms = list(self._account.catalogue().forms)[:LOOKED_INTO]
        if not forms or self._account.shows_any(forms):
            yield self._check("responses", "the token may read them")
        else:
            remedy = "if there should be some, base_url is another data centre than theirs"
            yield self._check("responses", f"none of {len(forms)} forms has a response", remedy)


def connect(
    name: str, settings: Settings, open_door: "Callable[..., Door]", cache: MutableMapping[str, str]
) -> Typeform:
    """The account behind a door of its own. `cache` outlives the run. Raises ConfigError for a secret out of reach."""
    from higherself_sync.http import Api

    token = settings.token.reveal()

    def sign(request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    door = open_door(name, per_second=settings.requests_per_second, sign=sign)
    return Typeform(name, settings, Api(door, settings.base_url), cache)
