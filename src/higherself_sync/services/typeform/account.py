"""The account behind the HTTP door: its forms, the pages of their responses, and what each refusal means."""

import threading
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from higherself_sync.errors import ConfigError, HsnError, Unauthorised, Unreachable
from higherself_sync.services.typeform.identity import check_owner
from higherself_sync.services.typeform.settings import Settings
from higherself_sync.services.typeform.wire import Form, ListedForm, Response

if TYPE_CHECKING:  # the config loads this package for its Settings, and must not pull in an HTTP client
    from higherself_sync.http import Answer, Api

RESPONSES_A_PAGE, FORMS_A_PAGE = 1000, 200  # the most that each list gives
NAMED_AT_ONCE = 100  # tokens in one address: more would make it longer than what stands between may let through
BAD_TOKEN = ("AUTHENTICATION_FAILED", "AUTHENTICATION_ERROR", "INVALID_AUTHORIZATION")  # the latter two: documented
ATTEMPTS = 2  # at a list of forms that changes meanwhile
SCOPES = "accounts:read, forms:read, responses:read"

M = TypeVar("M", bound=BaseModel)


class NoForm(Unreachable):
    """There is no such form (any more)."""


class BadToken(Unauthorised):
    """The token is not known here. It may be known at another data centre."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The forms by id, as the server had them then. One that no list shows has no time of its last change."""

    forms: Mapping[str, ListedForm]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """`total`: how many responses are left from this page's beginning on."""

    items: tuple[Response, ...]
    total: int
    as_of: datetime


class _Kept(BaseModel):
    """A form in the cache, which outlives the run."""

    stamp: str
    form: Form


class Account:
    """Everything that is asked of Typeform goes through here. Usable from several threads."""

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self.settings, self.api, self._cache = name, settings, api, cache
        self.place = f"services.{name}"
        self._lock = threading.Lock()
        self._catalogue: Catalogue | None = None
        self._served: set[str] = set()

    def ask(self, path: str, params: Mapping[str, str] | None = None) -> "Answer":
        """GET; the answer, whose status is 200. Raises Unreachable, Unauthorised, NoForm."""
        answer = self.api.request("GET", path, params=params)
        if answer.status != 200:
            raise self._failure(answer, path)
        return answer

    # ---- forms

    def catalogue(self, reader: str = "") -> Catalogue:
        """The forms that there are. One list serves one read of each stream (`reader`), then it is asked for anew.

        Raises ConfigError for a form that the config names and that does not exist, and for a reader where the account
        is another one than it was.
        """
        with self._lock:
            if self._catalogue is None or reader in self._served:
                self._catalogue, self._served = self._listed(), set()
            if reader:
                check_owner(self, self._catalogue.forms)
                self._served.add(reader)
            return self._catalogue

    def chosen(self, reader: str, catalogue: Catalogue) -> list[str]:
        """The forms of one stream: those that the config names, else all that are there and give no leads."""
        if reader == "leads":
            return list(self.settings.leads)
        if self.settings.forms is not None:
            return list(self.settings.forms)
        return [form_id for form_id in catalogue.forms if form_id not in self.settings.leads]

    def known(self) -> list[str]:
        """Forms that were read at some time, whatever has become of them."""
        prefix = self._key("")
        return [key.removeprefix(prefix) for key in list(self._cache) if key.startswith(prefix)]

    def form(self, form_id: str, catalogue: Catalogue) -> Form:
        """With its questions; asked for again only after it was changed."""
        stamp, kept = catalogue.forms[form_id].last_updated_at, self._kept(form_id)
        return kept.form if kept and kept.stamp == stamp else self._fetched(form_id, stamp)

    def workspace(self, form_id: str) -> str:
        """Where a form lay when it was read; "" where that is not known."""
        kept = self._kept(form_id)
        return kept.form.workspace if kept else ""

    def asked(self, form_id: str) -> Form:
        """As it is now, and not remembered. Raises NoForm."""
        return self._parsed(Form, self.ask(f"/forms/{form_id}").json, f"form {form_id}")

    def _kept(self, form_id: str) -> _Kept | None:
        try:
            return _Kept.model_validate_json(self._cache.get(self._key(form_id), ""))
        except ValidationError:  # not there, or written by another version of hsn
            return None

    def _fetched(self, form_id: str, stamp: str) -> Form:
        """Raises NoForm."""
        form = self.asked(form_id)
        self._cache[self._key(form_id)] = _Kept(stamp=stamp, form=form).model_dump_json(exclude_defaults=True)
        return form

    def _key(self, form_id: str) -> str:
        return f"{self.name}:form:{form_id}"

    def _listed(self) -> Catalogue:
        forms, as_of = self._whole_list()
        for form_id in (*(self.settings.forms or ()), *self.settings.leads):
            if form_id not in forms:
                forms[form_id] = self._unlisted(form_id)
        if not forms and self.known():
            remedy = "see whether the token still sees the workspaces, and whether base_url is where the data live"
            raise Unreachable("Typeform shows no form any more", place=self.place, remedy=remedy)
        return Catalogue(forms, as_of)

    def _whole_list(self) -> tuple[dict[str, ListedForm], datetime]:
        """An offset list is complete only if its distinct ids equal the total on both ends."""
        for _ in range(ATTEMPTS):
            pages = [self._page_of_forms(1)]
            while len(pages) * FORMS_A_PAGE < pages[0].json["total_items"]:
                pages.append(self._page_of_forms(len(pages) + 1))
            items = [
                self._parsed(ListedForm, each, "a form in the list") for page in pages for each in page.json["items"]
            ]
            forms = {each.id: each for each in items}
            if len(forms) == pages[0].json["total_items"] == pages[-1].json["total_items"]:
                return forms, pages[0].as_of
        remedy = "run again when nobody is working on the forms; what was read was kept"
        raise Unreachable("the list of forms kept changing", place=self.place, remedy=remedy)

    def _page_of_forms(self, number: int) -> "Answer":
        answer = self.ask("/forms", {"page": str(number), "page_size": str(FORMS_A_PAGE)})
        self._check_list(answer.json, "forms")
        return answer

    def _unlisted(self, form_id: str) -> ListedForm:
        """A form of the config's that no list shows: it may be another account's. Raises ConfigError."""
        try:
            return ListedForm(id=form_id, title=self._fetched(form_id, "").title)
        except NoForm as error:
            remedy = (
                f"correct forms or leads in [{self.place}]; without them `hsn health` lists the forms that there are"
            )
            raise ConfigError(f"there is no form {form_id}", place=self.place, remedy=remedy) from error

    # ---- responses

    def walk(self, form_id: str, since: datetime | None) -> Iterator[Page]:
        """All pages, newest first, each response once. Raises Unreachable rather than end before the end."""
        wanted = {} if since is None else {"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        seen: set[str] = set()
        before: dict[str, str] = {}
        while True:
            page = self.page(form_id, {**wanted, **before})
            fresh = tuple({each.token: each for each in page.items if each.token not in seen}.values())
            seen.update(each.token for each in fresh)
            if not fresh and (page.items or page.total):
                said = f"the responses to {form_id} broke off: {page.total} are left, and none of them comes"
                raise Unreachable(said, place=self.place, remedy="run again; what was read was kept")
            yield Page(fresh, page.total, page.as_of)
            if len(fresh) >= page.total:
                return
            before = {"before": page.items[-1].token}

    def named(self, form_id: str, tokens: Sequence[str]) -> list[Response] | None:
        """Those of these responses that the form has; None where the form is gone."""
        found: list[Response] = []
        for start in range(0, len(tokens), NAMED_AT_ONCE):
            part = tokens[start : start + NAMED_AT_ONCE]
            try:
                page = self.page(form_id, {"included_response_ids": ",".join(part)})
            except NoForm:
                return None
            if page.total > len(page.items):
                said = f"of {page.total} responses to {form_id} that were asked for {len(page.items)} came"
                raise Unreachable(said, place=self.place, remedy="run again")
            found += page.items
        return found

    def shows_any(self, form_ids: Sequence[str]) -> bool:
        """Whether any response is to be seen at all: at a sibling data centre none is."""
        for form_id in form_ids:
            with suppress(NoForm):
                if self.page(form_id, {}, size=1).total:
                    return True
        return False

    def page(self, form_id: str, params: Mapping[str, str], size: int = RESPONSES_A_PAGE) -> Page:
        answer = self.ask(f"/forms/{form_id}/responses", {"page_size": str(size), **params})
        self._check_list(answer.json, f"responses to {form_id}")
        items = tuple(self._parsed(Response, each, f"a response to {form_id}") for each in answer.json["items"])
        return Page(items, answer.json["total_items"], answer.as_of)

    # ---- answers

    def _check_list(self, body: Any, what: str) -> None:
        items, total = (body.get("items"), body.get("total_items")) if isinstance(body, dict) else (None, None)
        if not isinstance(items, list) or type(total) is not int:
            raise Unreachable(f"that is no list of {what}", place=self.place, remedy="check base_url")

    def _parsed(self, model: type[M], raw: object, what: str) -> M:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
            message = f"{what} is not what Typeform gives ({where})"
            raise Unreachable(message, place=self.place, remedy="check base_url") from None

    def _failure(self, answer: "Answer", path: str) -> HsnError:
        """What lies below a form is another API's, and how that calls a form that is gone nobody has told."""
        code, words = _error(answer)
        match answer.status:
            case 401:
                remedy = "see what takes the Authorization header away between here and Typeform"
                return Unauthorised(f"HTTP 401: {words}", place=self.place, remedy=remedy)
            case 403 if code in BAD_TOKEN:
                remedy = (
                    "check token; one of another data centre is refused just so: `hsn health` asks them, for base_url"
                )
                return BadToken(f"HTTP 403: {words}", place=self.place, remedy=remedy)
            case 403:
                return Unauthorised(
                    f"HTTP 403: {words}", place=self.place, remedy=f"the token needs the scopes {SCOPES}"
                )
            case 404 if code == "FORM_NOT_FOUND" or (code and path.startswith("/forms/")):
                return NoForm(words, place=self.place, remedy="a form was deleted: run again")
            case 404:
                return Unreachable(f"no Typeform API there ({words})", place=self.place, remedy="check base_url")
            case status if 300 <= status < 400:
                return Unreachable("the address leads elsewhere", place=self.place, remedy="check base_url")
            case status:
                remedy = "run again; if it stays, see status.typeform.com"
                return Unreachable(f"HTTP {status}: {words}", place=self.place, remedy=remedy)


def _error(answer: "Answer") -> tuple[str, str]:
    """Code and description; a web page has neither."""
    if not isinstance(answer.json, dict):
        return "", f"HTTP {answer.status} without JSON"
    return str(answer.json.get("code", "")), str(answer.json.get("description", ""))[:300]
