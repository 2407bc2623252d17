"""One site with Tutor LMS as a service, and how it is opened."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING

from higherself_sync.services.base import Check
from higherself_sync.services.tutorlm.columns import streams
from higherself_sync.services.tutorlm.courses import Courses
from higherself_sync.services.tutorlm.enrolments import Edition, Enrolments, enrolments
from higherself_sync.services.tutorlm.listing import Catalogue
from higherself_sync.services.tutorlm.reviews import Reviews
from higherself_sync.services.tutorlm.settings import Settings
from higherself_sync.services.wordpress.site import Plugin, Site, basic

if TYPE_CHECKING:
    from higherself_sync.http import Api, Door

KEY = (
    "check api_key and api_secret: they are made under Tutor LMS > Tools > REST API, and an application password is "
    "not taken for them"
)
PLUGIN = Plugin(
    title="Tutor LMS",
    namespace="tutor/v1",
    absent="install and activate Tutor LMS there (2.7 or later), or correct url",
    refusals={
        "401": KEY,
        "401 rest_forbidden": "the web server hides the Authorization header from WordPress",
        "403": KEY,
    },
)


class TutorLM:
    """One site. `api` is its own: `close` closes it."""

    kind = "tutorlm"

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self._shop = name, settings.same_site
        self.account = f"{self.kind} {settings.url}"
        self.streams = streams(name, settings)
        self._site = Site(name, PLUGIN, settings.url, settings.timezone, api, cache)
        self._catalogue = Catalogue(self._site)

    def replica(self, stream: str) -> Courses | Reviews | Enrolments:
        match stream:
            case "courses":
                return Courses(self._site, self._catalogue)
            case "reviews":
                return Reviews(self._site, self._catalogue, self._shop)
            case "enrolments":
                return Enrolments(self._site, self._catalogue, self._shop)
            case _:
                raise KeyError(stream)

    def requests(self) -> int:
        return self._site.api.door.sent

    def close(self) -> None:
        self._site.api.close()

    def health(self) -> Iterator[Check]:
        """Three requests: the public index, a page of courses, and the enrolments, which one edition has."""
        for check in self._site.healthy({"courses": self._may_read_courses, "edition": self._edition}):
            yield check
            if check.name == "courses" and check.status == "fail":
                return  # what a stranger gets tells nothing of the edition

    def _may_read_courses(self) -> str:
        self._catalogue.page(1)
        return "the key may read courses"

    def _edition(self) -> str | Check:
        match enrolments(self._site)[0]:
            case Edition.FREE:
                return "the free edition: it has no enrolments to read"
            case Edition.PRO:
                return "the Pro edition: its enrolments are read"
            case Edition.UNCLEAR:
                message = f"{self._site.url}: its enrolments come in a form that hsn does not know, and are left out"
                return Check("edition", "warn", message, "report the form of GET tutor/v1/enrollments", self.name)


def connect(
    name: str, settings: Settings, open_door: "Callable[..., Door]", cache: MutableMapping[str, str]
) -> TutorLM:
    """The site behind a door of its own. `cache` outlives the run. Raises ConfigError when a secret cannot be had."""
    from higherself_sync.http import Api

    key, secret = settings.api_key.reveal(), settings.api_secret.reveal()
    door = open_door(name, sign=basic(key, secret, PLUGIN.namespace))
    return TutorLM(name, settings, Api(door, f"{settings.url}/wp-json"), cache)
