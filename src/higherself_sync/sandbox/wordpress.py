"""What the WordPress sites of the sandbox have in common: the index, logins, answers, times without a zone.

Read from WordPress 6.9 (`WP_REST_Server`, `WP_REST_Request`, `wp_authenticate_application_password`) and held against
the recordings of UserFeedback and Tutor LMS. The shop's twin has its own way in, for its keys are no logins.
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from higherself_sync.sandbox.wire import Request, Response
from higherself_sync.sandbox.woocommerce import auth, dates, query, rest, schema, site
from higherself_sync.sandbox.woocommerce.deliveries import encoded
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused, no_route
from higherself_sync.sandbox.woocommerce.rest import Crash

CORE = ("oembed/1.0", "wp/v2", "wp-site-health/v1", "wp-block-editor/v1", "wp-abilities/v1")
"""The namespaces of WordPress itself."""
LOGINS = {"sandbox": "app_sandbox", "manager": "app_manager"}
"""Users and their application passwords; the first is the administrator, the second has no plugin's rights."""

_CRITICAL = "There has been a critical error on this website."
_PAGE = (
    '<!DOCTYPE html>\n<html lang="en-US">\n<head><title>WordPress &rsaquo; Error</title></head>\n'
    f'<body id="error-page"><div class="wp-die-message"><p>{_CRITICAL}</p></div></body>\n</html>\n'
)


# Each of these makes another answer of any route: wrapped up, as a script, or that to another method.
_WRAPPERS = frozenset(("_envelope", "_jsonp", "_method"))


@dataclass(frozen=True, slots=True)
class Reply:
    """A body of None is sent as no bytes at all: WordPress writes no `null`."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(request: Request, site_of: str, handle: Callable[[str], Reply]) -> Response:
    """`handle` takes what follows `/wp-json`; what it raises (Refused, NotServed, Crash) becomes the answer."""
    base = auth.site_url(request)
    headers = {
        "content-type": "application/json; charset=UTF-8",
        "link": f'<{base}/wp-json/>; rel="https://api.w.org/"',
    }
    try:
        reply = handle(route_of(request))
        if reply.status < 400:
            reply = replace(reply, body=rest.trimmed(reply.body, query.read(request.query).get("_fields")))
    except Refused as refusal:
        reply = Reply(refusal.status, refusal.body())
    except NotServed as missing:
        message = f"The sandbox's {site_of} site does not serve {missing}."
        reply = Reply(501, {"code": "sandbox_not_served", "message": message, "data": {"status": 501}})
    except Crash:
        return Response(500, _PAGE.encode(), headers | {"content-type": "text/html; charset=utf-8"})
    empty = request.method == "HEAD" or reply.body is None
    return Response(reply.status, b"" if empty else encoded(reply.body), {**headers, **reply.headers})


def route_of(request: Request) -> str:
    """The route below `/wp-json`, without a slash at its end. Raises NotServed for the site's pages."""
    if wrapper := sorted(_WRAPPERS & query.read(request.query).keys()):
        raise NotServed(f"the parameter {wrapper[0]}")
    path = request.path.removeprefix("/index.php").rstrip("/")
    if path != "/wp-json" and not path.startswith("/wp-json/"):
        raise NotServed(f"{request.method} {request.path}")
    return path.removeprefix("/wp-json")


def index(request: Request, now: datetime, *namespaces: str) -> Reply:
    """What `/wp-json/` tells anybody, without its list of routes."""
    body = site.index(auth.site_url(request), now) | {"namespaces": [*CORE, *namespaces]}
    return Reply(200, body, {"allow": "GET"})


def elsewhere(request: Request, route: str, *namespaces: str) -> Exception:
    """What to raise for a route that is none of the twin's: a real site has it, or it has not."""
    known = any(route == f"/{name}" or route.startswith(f"/{name}/") for name in (*CORE, *namespaces))
    return NotServed(f"{request.method} /wp-json{route}") if known else no_route()


# Who is asking


def basic(request: Request) -> tuple[str, str] | None:
    """Name and password as PHP sees them; without a colon between them it sees none."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(coded.strip()).decode().partition(":")
    except ValueError:
        return None
    return (name, password) if colon else None


def login(request: Request) -> str | None:
    """The user behind an application password, None where nobody tries to log in. Raises Refused (401)."""
    credentials = basic(request)
    if credentials is None:
        return None
    name, password = credentials[0].lower(), credentials[1]
    if name not in LOGINS:
        if schema.is_email(name):
            message = "Unknown email address. Check again or try your username."
            raise Refused("invalid_email", f"<strong>Error:</strong> {message}", 401)
        message = "Unknown username. Check again or try your email address."
        raise Refused("invalid_username", f"<strong>Error:</strong> {message}", 401)
    if _significant(password) != _significant(LOGINS[name]):
        raise wrong_password()
    return name


def wrong_password() -> Refused:
    return Refused("incorrect_password", "The provided password is an invalid application password.", 401)


def _significant(password: str) -> str:
    """WordPress shows application passwords in groups and compares their letters and digits alone."""
    return re.sub(r"[^A-Za-z0-9]", "", password)


def forbidden(user: str | None) -> Refused:
    """Nobody is a 401, somebody without the right a 403."""
    return Refused("rest_forbidden", "Sorry, you are not allowed to do that.", 403 if user else 401)


# What is sent


def params(request: Request, **in_path: str) -> dict[str, Any]:
    """All arguments: one in the body wins over the query's, and that over the path's, even for the id of an item.

    Read: `WP_REST_Request::get_parameter_order`. Raises Refused (400) for what claims to be JSON and is not.
    """
    body = {name: value for name, value in rest.body_params(request).items() if value is not None}
    return {**in_path, **query.read(request.query), **body}


# What is shown


def local(moment: datetime) -> str:
    """The site's own time as its database has it: `YYYY-MM-DD HH:MM:SS`, no zone."""
    return f"{moment.astimezone(dates.SITE):%Y-%m-%d %H:%M:%S}"


def gmt(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def off_site(url: str) -> str:
    """A URL of the site that an object came from, as a path: here it leads to this site."""
    parts = urlsplit(url)
    return url.removeprefix(f"{parts.scheme}://{parts.netloc}") if parts.netloc else url


def highest(ids: Iterable[int], last: int) -> int:
    """The last id given, counting those that were loaded."""
    return max((last, *ids))
