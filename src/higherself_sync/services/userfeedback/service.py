"""One site with UserFeedback as a service, and how it is opened."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING

from higherself_sync.services.base import Check
from higherself_sync.services.userfeedback.columns import streams
from higherself_sync.services.userfeedback.replica import Responses
from higherself_sync.services.userfeedback.settings import Settings
from higherself_sync.services.wordpress.site import Plugin, Site, basic

if TYPE_CHECKING:
    from higherself_sync.http import Api, Door

LOGIN = "make an application password under Users > Profile there, and write it with the login that it belongs to"
PLUGIN = Plugin(
    title="UserFeedback",
    namespace="userfeedback/v1",
    absent="install and activate UserFeedback there, or correct url",
    refusals={
        "401": f"check user and application_password: {LOGIN}",
        "401 rest_forbidden": "the web server hides the Authorization header from WordPress, or application passwords "
        "are switched off there",
        "401 incorrect_password": f"check application_password: {LOGIN}",
        "401 invalid_username": f"check user: {LOGIN}",
        "401 invalid_email": f"check user: {LOGIN}",
        "403": "let user be somebody with UserFeedback's rights to edit surveys and to view results, as an "
        "administrator has: a shop manager has not",
    },
)


class UserFeedback:
    """One site. `api` is its own: `close` closes it."""

    kind = "userfeedback"

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name = name
        self.account = f"{self.kind} {settings.url}"
        self.streams = streams(name, settings)
        self._site = Site(name, PLUGIN, settings.url, settings.timezone, api, cache)

    def replica(self, stream: str) -> Responses:
        if stream != "responses":
            raise KeyError(stream)
        return Responses(self._site)

    def requests(self) -> int:
        return self._site.api.door.sent

    def close(self) -> None:
        self._site.api.close()

    def health(self) -> Iterator[Check]:
        """Three requests: the public index, a survey, and the responses of a survey that no site has."""
        yield from self._site.healthy({"surveys": self._may_read_surveys, "responses": self._may_read_responses})

    def _may_read_surveys(self) -> str:
        self._site.ask("surveys", {"page": "1", "per_page": "1"})
        return "the user may read surveys"

    def _may_read_responses(self) -> str:
        self._site.ask("surveys/0/responses", {"page": "1", "per_page": "1"})
        return "the user may read responses"


def connect(
    name: str, settings: Settings, open_door: "Callable[..., Door]", cache: MutableMapping[str, str]
) -> UserFeedback:
    """The site behind a door of its own. `cache` outlives the run. Raises ConfigError when a secret cannot be had."""
    from higherself_sync.http import Api

    password = settings.application_password.reveal()
    door = open_door(name, sign=basic(settings.user, password, PLUGIN.namespace))
    return UserFeedback(name, settings, Api(door, f"{settings.url}/wp-json"), cache)
