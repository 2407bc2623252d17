"""WooCommerce, REST API wc/v3: products, customers and orders of one shop, and the guests found in its orders.

API: https://woocommerce.github.io/woocommerce-rest-api-docs/ · facts below were seen on WooCommerce 9.4 and 10.5.

Limits: 100 objects a page and a batch; no rate limit of its own (hosts add theirs). Times have whole seconds.

Traps, and what is done about each:

* `modified_after` is exclusive: one second is taken off. It wants UTC without a suffix, and `dates_are_gmt=true`.
* Customers have no such filter (it is ignored): their list is always read whole, with `role=all`, since the default
  leaves out everyone but plain customers. Staff who never bought are then left out here.
* An offset list shifts while it is read: it is complete only if its distinct ids equal the total on both ends.
* A trashed object is in no list, but a GET of it answers 200 with the status `trash`.
* An unknown id is 404 on GET and 400 on PUT: the code tells, not the status.
* An `id` in a body wins over the id in the path: no body to an item's path ever has one.
* The batch route checks nothing: it is used for markers alone, whose values need no check.
* Only `&` is encoded in names (`&amp;`), other entities are the user's own text.
* A key sent to routes outside `wc/` turns a public route into a 401: only `wc/` requests are signed.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from higherself_sync.core.record import (
    Ability,
    Batch,
    Draft,
    Entity,
    Gone,
    Marks,
    Record,
    Stream,
    Value,
    Values,
    email_key,
    natural_key,
    number,
    text,
    when,
)
from higherself_sync.errors import Absent, ConfigError, HsnError, Refused, Unanswered, Unauthorised, Unreachable
from higherself_sync.secret import Secret
from higherself_sync.services.base import Check

if TYPE_CHECKING:  # the config loads this module for its Settings, and must not pull in an HTTP client
    from higherself_sync.http import Answer, Api, Door

API = "/wc/v3"
PER_PAGE = 100  # the most that a list or a batch takes
OVERLAP = 2.0  # seconds a cursor is set back: whole seconds, and an exclusive filter
ATTEMPTS = 2  # at reading a list that changes meanwhile
NO_ORDER = 2**31 - 1
JSON: TypeAlias = dict[str, Any]


# --------------------------------------------------------------------------------------------------------- settings


def _site_root(raw: str) -> str:
    """The site's root, whatever part of its REST address was pasted. Raises ValueError."""
    parts = urlsplit(raw.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError("must be the shop's web address, as https://shop.example.com")
    return raw.strip().partition("/wp-json")[0].rstrip("/")


class Settings(BaseModel):
    """`[services.NAME]` of a shop. `currency`: only for shops that do not tell theirs; `timezone` is only checked."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["woocommerce"] = "woocommerce"
    url: Annotated[str, AfterValidator(_site_root)]
    consumer_key: Secret
    consumer_secret: Secret
    currency: str | None = None
    timezone: str | None = None


# ------------------------------------------------------------------------------------------------------ wire models


def _utc(raw: object) -> object:
    return datetime.fromisoformat(str(raw)).replace(tzinfo=UTC) if raw else None  # unset ones are null


Text = Annotated[str, BeforeValidator(lambda raw: "" if raw is None or raw is False else raw)]
Moment = Annotated[datetime | None, BeforeValidator(_utc)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class _Meta(_Wire):
    key: str
    value: Any = None


class _Address(_Wire):
    first_name: Text = ""
    last_name: Text = ""
    address_1: Text = ""
    address_2: Text = ""
    city: Text = ""
    postcode: Text = ""
    state: Text = ""
    country: Text = ""
    email: Text = ""
    phone: Text = ""

    def person(self) -> str:
        return _words(self.first_name, self.last_name)

    def lines(self) -> str | None:
        town = _words(self.postcode, self.city)
        parts = (self.address_1, self.address_2, town, self.state, self.country)
        return text(", ".join(part.strip() for part in parts if part.strip()))


class _Object(_Wire):
    """What products, customers and orders have in common."""

    id: int
    date_created_gmt: Moment = None
    date_modified_gmt: Moment = None  # null for users that WooCommerce never saved
    meta_data: tuple[_Meta, ...] = ()
    status: Text = ""


class Product(_Object):
    name: Text
    type: Text
    sku: Text = ""
    regular_price: Text = ""


class Customer(_Object):
    email: Text
    first_name: Text = ""
    last_name: Text = ""
    role: Text = ""
    is_paying_customer: bool = False
    billing: _Address = _Address()


class _Line(_Wire):
    name: Text
    product_id: int | None = None
    quantity: Decimal = Decimal(0)


class _Refund(_Wire):
    total: Decimal


class Order(_Object):
    number: Text
    currency: Text = ""
    total: Decimal
    customer_id: int
    customer_note: Text = ""
    billing: _Address = _Address()
    line_items: tuple[_Line, ...] = ()
    refunds: tuple[_Refund, ...] = ()

    def guest_key(self) -> str | None:
        """Who bought without an account; None where an account did, or where nobody can be told."""
        return None if self.customer_id else email_key(self.billing.email)


def _words(*parts: str) -> str:
    return " ".join(part for part in parts if part.strip())


def _decoded(name: str) -> str:
    return name.replace("&amp;", "&")


# ----------------------------------------------------------------------------------------------------- field tables

W = TypeVar("W", bound=_Object)


@dataclass(frozen=True, slots=True)
class _Context:
    """What a value may need beside the object itself: the service's name, and the shop's currency when asked for."""

    service: str
    currency: Callable[[], str | None]

    def line(self, stream: str, record_id: object) -> str:
        return f"{self.service}:{stream}:{record_id}"


@dataclass(frozen=True, slots=True)
class _Column(Generic[W]):
    """One canonical field. `write` makes the part of a body that sets it; None where only the shop may.

    `write` gets the value, and what `Record.native` held when the record was last read.
    """

    name: str
    read: Callable[[W, _Context], Value]
    write: Callable[[Value, Mapping[str, str]], JSON] | None = None
    options: frozenset[str] | None = None
    mails: frozenset[str] = frozenset()
    same: Callable[[Value], Value] | None = None

    def ability(self) -> Ability:
        return Ability(self.write is not None, self.options, self.mails, self.same)


def _sets(key: str) -> Callable[[Value, Mapping[str, str]], JSON]:
    return lambda value, _: {key: value or ""}


def _alike(normalise: Callable[[str], str | None]) -> Callable[[Value], Value]:
    return lambda value: normalise(value) if isinstance(value, str) else value


def _squeezed(value: str) -> str:
    return " ".join(value.split())  # WordPress cleans single-line fields like this when they are saved


def _price_of(product: Product) -> Decimal | None:
    try:
        return number(product.regular_price)
    except ValueError:
        return None  # an importer's "1,200.00": shown as empty, and locked against being overwritten


def _write_price(value: Value, _: Mapping[str, str]) -> JSON:
    return {"regular_price": format(value, "f") if isinstance(value, Decimal) else ""}  # a number is a 400


def _write_phone(value: Value, _: Mapping[str, str]) -> JSON:
    return {"billing": {"phone": value or ""}}  # the other parts of the address stay as they are


def _write_name(value: Value, native: Mapping[str, str]) -> JSON:
    first, last = split_name(str(value or ""), native.get("first_name", ""), native.get("last_name", ""))
    return {"first_name": first, "last_name": last}


def split_name(name: str, first: str, last: str) -> tuple[str, str]:
    """The two parts that the shop wants: a part that did not change stays as it was, else the last space divides."""
    if first and (name + " ").startswith(first + " "):
        return first, name[len(first) + 1 :]
    if last and name.endswith(" " + last):
        return name[: -len(last) - 1], last
    head, _, tail = name.rpartition(" ")
    return (head, tail) if head else (tail, "")


PRODUCT_STATUSES = frozenset({"publish", "draft", "private", "pending"})
ORDER_STATUSES = frozenset({"pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"})
# Entering any of these can make WooCommerce mail the customer (its classes `WC_Email_Customer_*_Order`): processing,
# on-hold, completed, refunded and failed by default, cancelled since 10.0 where the shop switched that mail on.
MAILING_STATUSES = ORDER_STATUSES - {"pending"}

PRODUCT_COLUMNS: tuple[_Column[Product], ...] = (
    _Column("name", lambda it, _: text(_decoded(it.name)), _sets("name"), same=_alike(lambda v: _decoded(v).strip())),
    _Column("type", lambda it, _: text(it.type)),
    _Column("status", lambda it, _: text(it.status), _sets("status"), PRODUCT_STATUSES),
    _Column("price", lambda it, _: _price_of(it), _write_price),
    _Column("currency", lambda _, shop: text(shop.currency())),
    _Column("sku", lambda it, _: text(it.sku), _sets("sku"), same=_alike(_squeezed)),
)

CUSTOMER_COLUMNS: tuple[_Column[Customer], ...] = (
    _Column("name", lambda it, _: _customer_name(it), _write_name, same=_alike(_squeezed)),
    _Column("email", lambda it, _: text(it.email), _sets("email"), same=_alike(email_key)),
    _Column("phone", lambda it, _: text(it.billing.phone), _write_phone, same=_alike(_squeezed)),
    _Column("address", lambda it, _: it.billing.lines()),
)

ORDER_COLUMNS: tuple[_Column[Order], ...] = (
    _Column("order", lambda it, _: f"#{it.number}"),
    _Column("client", lambda it, shop: _client(it, shop)),
    _Column("products", lambda it, shop: frozenset(_product_lines(it, shop))),
    _Column("status", lambda it, _: text(it.status), _sets("status"), ORDER_STATUSES, MAILING_STATUSES),
    _Column("total", lambda it, _: number(it.total)),
    _Column("refunded", lambda it, _: number(sum(abs(each.total) for each in it.refunds)) if it.refunds else None),
    _Column("currency", lambda it, _: text(it.currency)),
    _Column("placed", lambda it, _: when(it.date_created_gmt) if it.date_created_gmt else None),
    _Column(
        "items", lambda it, _: text("\n".join(f"{number(x.quantity)} × {_decoded(x.name)}" for x in it.line_items))
    ),
    _Column("customer_note", lambda it, _: text(it.customer_note), _sets("customer_note")),
)


def _customer_name(customer: Customer) -> str | None:
    return text(_words(customer.first_name, customer.last_name) or customer.billing.person() or customer.email)


def _client(order: Order, shop: _Context) -> frozenset[str]:
    if order.customer_id:
        return frozenset({shop.line("customers", order.customer_id)})
    key = order.guest_key()
    return frozenset({shop.line("people", key)}) if key else frozenset()


def _product_lines(order: Order, shop: _Context) -> Iterator[str]:
    """A deleted product's line has product id 0; a variation's line names its parent here."""
    return (shop.line("products", line.product_id) for line in order.line_items if line.product_id)


# ---------------------------------------------------------------------------------------------------------- streams


@dataclass(frozen=True, slots=True)
class _Kind(Generic[W]):
    """One kind of the shop's objects: where it is, how it is read, and what a new one is sent with."""

    name: str
    entity: Entity
    model: type[W]
    columns: tuple[_Column[W], ...]
    listing: Mapping[str, str]  # what its list needs to hold everything
    finish: Callable[[Record, W], Record]
    kept: Callable[[W], bool] = lambda _: True
    dated: bool = True  # its list takes date filters
    defaults: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()  # what a new one needs; none: no new ones
    create_mails: bool = False
    archive: bool = True

    def stream(self, service: str) -> Stream:
        return Stream(
            service=service,
            name=self.name,
            entity=self.entity,
            fields={column.name: column.ability() for column in self.columns},
            create=bool(self.required),
            create_mails=self.create_mails,
            update=True,
            archive=self.archive,
            marker=True,
            modified_since=self.dated,
            keyed=True,
            required=self.required,
            overlap=OVERLAP if self.dated else 0.0,
            mark_batch=PER_PAGE,
        )


STAFF = frozenset({"administrator", "editor", "author", "contributor", "shop_manager"})
HALF_MADE = frozenset({"checkout-draft", "auto-draft"})  # what a checkout or an admin screen has only begun


def _finish_product(record: Record, product: Product) -> Record:
    # A variable or grouped product's price is made of others' prices; one that was not understood must stay.
    own = product.type != "grouped" and not product.type.startswith("variable")
    readable = bool(record.values["price"] is not None or not product.regular_price)
    locked = frozenset[str]() if own and readable else frozenset({"price"})
    return replace(record, key=natural_key(Entity.PRODUCTS, record.values), locked=locked, label=product.name)


def _finish_customer(record: Record, customer: Customer) -> Record:
    native = {"first_name": text(customer.first_name) or "", "last_name": text(customer.last_name) or ""}
    key = natural_key(Entity.CLIENTS, record.values)
    return replace(record, key=key, native=native, label=_customer_name(customer))


def _finish_order(record: Record, order: Order) -> Record:
    key = natural_key(Entity.ORDERS, record.values)
    return replace(record, key=key, label=f"#{order.number}", people=tuple(_people(order)))


def _people(order: Order) -> Iterator[Record]:
    """The guest who placed it. Billing without an e-mail is nobody who could be told from others."""
    key, billing = order.guest_key(), order.billing
    if key is None:
        return
    values: Values = {
        "name": text(billing.person() or billing.email),
        "email": text(billing.email.strip()),
        "phone": text(billing.phone),
        "address": billing.lines(),
    }
    yield Record(key, values, order.date_modified_gmt, order.date_created_gmt, key=key, label=str(values["name"]))


PRODUCTS = _Kind(
    "products",
    Entity.PRODUCTS,
    Product,
    PRODUCT_COLUMNS,
    {"status": "any"},
    _finish_product,
    defaults={"type": "simple", "status": "draft"},
    required=("name",),
)
CUSTOMERS = _Kind(
    "customers",
    Entity.CLIENTS,
    Customer,
    CUSTOMER_COLUMNS,
    {"role": "all"},
    _finish_customer,
    kept=lambda it: it.role not in STAFF or it.is_paying_customer,
    dated=False,
    required=("email",),
    create_mails=True,  # the account's welcome mail, with a link to set a password
    archive=False,
)
ORDERS = _Kind(
    "orders",
    Entity.ORDERS,
    Order,
    ORDER_COLUMNS,
    {"status": "any"},
    _finish_order,
    kept=lambda it: it.status not in HALF_MADE,
)


def streams(name: str, settings: Settings) -> tuple[Stream, ...]:  # noqa: ARG001 every adapter's signature
    """What a shop called `name` offers, in the order of work."""
    text_only = ("name", "phone", "address")
    people = Stream(
        service=name,
        name="people",
        entity=Entity.CLIENTS,
        fields={"email": Ability(same=_alike(email_key)), **dict.fromkeys(text_only, Ability())},
        keyed=True,
        derived=True,
        heir="customers",
    )
    return CUSTOMERS.stream(name), people, PRODUCTS.stream(name), ORDERS.stream(name)


# ------------------------------------------------------------------------------------------------- the shop's answers

UNKNOWN_ID = re.compile(r"woocommerce_rest_(product_|shop_order_)?invalid_id|wc_user_invalid_id")


class _Shop:
    """The shop behind the HTTP door: sends, and turns what is no success into the error that it means."""

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self.settings, self.api, self._cache = name, settings, api, cache
        self.place = f"services.{name}"

    def ask(self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: object = None) -> "Answer":
        """`path` is below `wc/v3`. The answer, whose status is 2xx.

        Raises Unreachable, Unauthorised, ConfigError; of one object also Absent and Refused; after a write Unanswered.
        """
        answer = self.api.request(method, f"{API}/{path}", params=params, json=body)
        if answer.status >= 300:
            raise self.failure(answer, method)
        return answer

    def currency(self) -> str | None:
        """The config's, else the shop's own, asked once; none where this key may not ask."""
        key = f"{self.name}:currency"
        if self.settings.currency:
            return self.settings.currency
        if key not in self._cache:
            answer = self.api.request("GET", f"{API}/data/currencies/current")
            told = answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}
            self._cache[key] = str(told.get("code", ""))
        return self._cache[key] or None

    def failure(self, answer: "Answer", method: str) -> HsnError:
        code, reason = _error(answer)
        writing = method != "GET"
        match answer.status:
            case 301 | 302 | 307 | 308:
                return self._redirected(answer.headers.get("location", ""))
            case _ if UNKNOWN_ID.fullmatch(code):
                return Absent(Gone.DELETED, f"the shop knows no such id: {reason}", place=self.place)
            case 403 if code == "woocommerce_rest_cannot_edit":
                # One user whom this key may not touch (an administrator), not a key without rights.
                return Refused(f"the key's user may not edit this: {reason}", status=403, place=self.place)
            case 401 | 403:
                return self._unauthorised(answer.status, code, reason, writing)
            case 404:
                remedy = "check url, that WooCommerce is active there, and that its permalinks are not the plain ones"
                return Unreachable(f"no WooCommerce API there ({reason})", place=self.place, remedy=remedy)
            case _ if writing:
                return Refused(reason, status=answer.status, place=self.place)
            case _:
                return Unreachable(f"HTTP {answer.status}: {reason}", place=self.place, remedy="see the shop's own log")

    def _redirected(self, target: str) -> HsnError:
        parts = urlsplit(target)
        if self.settings.url.startswith("http:") and parts.scheme == "https":
            remedy = f'write url = "https://{parts.netloc}…" in [{self.place}]'
            return ConfigError(
                "https is needed: the shop redirects every request there", place=self.place, remedy=remedy
            )
        remedy = f"write the address that the shop really has ({parts.scheme}://{parts.netloc}) as its url"
        return Unreachable("the shop redirects to another address", place=self.place, remedy=remedy)

    def _unauthorised(self, status: int, code: str, reason: str, writing: bool) -> Unauthorised:
        """What can be told apart: the message may be in any language, so only status, code and method are read."""
        secure = self.settings.url.startswith("https:")
        match code:
            case _ if status == 403:
                remedy = "make the API key for an administrator or a shop manager"
            case "woocommerce_rest_authentication_error" if writing:
                remedy = "the key is read-only: in WooCommerce > Settings > Advanced > REST API give it Read/Write"
            case "woocommerce_rest_authentication_error" if secure:
                remedy = "check consumer_secret; a write-only key is refused like this too"
            case "woocommerce_rest_authentication_error":
                remedy = (
                    "check consumer_key, consumer_secret and this machine's clock; a write-only key looks like this too"
                )
            case _:
                hidden = "; if it is right, the web server hides https or the Authorization header from WordPress"
                remedy = f"check consumer_key: the shop does not know it{hidden if secure else ''}"
        return Unauthorised(f"HTTP {status}: {reason}", place=self.place, remedy=remedy)


def _error(answer: "Answer") -> tuple[str, str]:
    """The error's code, and its text without entities and tags; a web page has neither."""
    if not isinstance(answer.json, dict):
        return "", f"HTTP {answer.status} without JSON"
    return str(answer.json.get("code", "")), _reason(answer.json)


def _reason(error: JSON) -> str:
    data = error.get("data")
    params = data.get("params") if isinstance(data, dict) else None
    details = [str(each) for each in params.values()] if isinstance(params, dict) else []
    plain = re.sub(r"<[^>]*>", "", html.unescape("; ".join([str(error.get("message", "")), *details])))
    return plain[:300]


# --------------------------------------------------------------------------------------------------------- replicas


@dataclass(frozen=True, slots=True)
class _Page(Generic[W]):
    items: tuple[W, ...]
    total: int
    as_of: datetime


class _Replica(Generic[W]):
    """One kind of the shop's objects, as `record.Replica` wants it."""

    def __init__(self, shop: _Shop, kind: _Kind[W]) -> None:
        self._shop, self._kind = shop, kind
        self._columns = {column.name: column for column in kind.columns}

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """A list that changed while it was read is begun again, so a record may come twice: the later one counts."""
        params = dict(self._kind.listing)
        if since is not None and self._kind.dated:
            params |= {"modified_after": _just_before(since), "dates_are_gmt": "true"}
        for page in self._whole(params):
            yield Batch(tuple(self._record(item) for item in page.items if self._kind.kept(item)), page.as_of)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)  # what is no id of this shop stays so
        numbers = [each for each in found if re.fullmatch(r"[1-9][0-9]*", each)]
        for chunk in _chunks(numbers):
            page = self._page({**self._kind.listing, "include": ",".join(chunk)}, 1)
            listed = {str(item.id): self._alive(item) for item in page.items}
            found |= {each: listed[each] if each in listed else self._look(each) for each in chunk}
        return found

    def find_created(self, draft: Draft, since: datetime) -> Record | None:
        """By SKU or e-mail, else among those made since. A SKU with a comma would be read as a list of SKUs."""
        sku, email = draft.values.get("sku"), draft.values.get("email")
        if self._kind.name == "customers":
            narrowed = {"email": str(email)}
        elif isinstance(sku, str) and "," not in sku:
            narrowed = {"sku": sku}
        else:
            narrowed = {"after": _just_before(since - timedelta(seconds=OVERLAP)), "dates_are_gmt": "true"}
        for page in self._whole({**self._kind.listing, **narrowed}):
            for record in map(self._record, page.items):
                if record.marks.page_id is not None and record.marks.page_id == draft.marks.page_id:
                    return record
        return None

    def server_time(self) -> datetime:
        return self._shop.api.door.server_time()

    # writing

    def create(self, draft: Draft) -> Record:
        if not self._kind.required:
            raise Refused(f"nothing can be made in {self._kind.name}", place=self._shop.place)
        body = {**self._kind.defaults, **self._body(draft.values, {}), "meta_data": _meta(draft.marks)}
        return self._one("POST", self._kind.name, body)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        """The answer of a trashed object is a success: its status tells, and what was written there does no harm.

        A plugin may fail at one object on every attempt (500): that is for reading back, and no reason to stop the
        stream. Where the whole shop is down, reading back says so.
        """
        body = {**self._body(values, current.native), "meta_data": _meta(marks)}
        try:
            record = self._one("PUT", self._path(current.id), body)
        except Unauthorised:
            raise
        except Unreachable as error:
            raise Unanswered(error.message, place=error.place, remedy=error.remedy) from error
        if record.trashed:
            raise Absent(Gone.TRASHED, "it lies in the shop's trash", place=self._shop.place)
        return record

    def archive(self, record_id: str) -> Record:
        """Into the trash, which a person can undo; never with `force`. The answer still shows the state before."""
        if not self._kind.archive:
            raise Refused(f"{self._kind.name} have no trash", place=self._shop.place)
        try:
            self._shop.ask("DELETE", self._path(record_id))
        except Refused as error:
            if error.status != 410:  # "already trashed"
                raise
        return self._one("GET", self._path(record_id))

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        for chunk in _chunks(list(marks)):
            items = [{"id": int(each), "meta_data": _meta(marks[each])} for each in chunk]
            answer = self._shop.ask("POST", f"{self._kind.name}/batch", body={"update": items})
            said = {str(item["id"]): item for item in self._objects(answer.json, "update")}
            for each in chunk:
                item = said.get(each, {"error": {"message": "the shop left it out of its answer"}})
                yield each, _reason(item["error"]) if "error" in item else self._record(self._parsed(item))

    # parts of the above

    def _whole(self, params: Mapping[str, str]) -> Iterator[_Page[W]]:
        """Every page of a list, `as_of` being the first one's. Raises Unreachable when it will not hold still."""
        for _ in range(ATTEMPTS):
            first = page = self._page(params, 1)
            seen = {item.id for item in first.items}
            yield first
            for number_ in count(2):
                if (number_ - 1) * PER_PAGE >= first.total:
                    break
                page = self._page(params, number_)
                seen.update(item.id for item in page.items)
                yield replace(page, as_of=first.as_of)
            if len(seen) == first.total == page.total:
                return
        remedy = "run again when the shop is less busy; what was read was kept"
        raise Unreachable(f"the list of {self._kind.name} kept changing", place=self._shop.place, remedy=remedy)

    def _page(self, params: Mapping[str, str], page: int) -> _Page[W]:
        paging = {"orderby": "id", "order": "asc", "per_page": str(PER_PAGE), "page": str(page)}
        answer = self._shop.ask("GET", self._kind.name, params={**params, **paging})
        total = answer.headers.get("x-wp-total", "")
        if not total.isdigit():
            remedy = "let X-WP-Total through whatever stands before the shop: without it no list is known to be whole"
            raise Unreachable("the list came without its total", place=self._shop.place, remedy=remedy)
        items = tuple(self._parsed(item) for item in self._objects(answer.json))
        return _Page(items, int(total), answer.as_of)

    def _objects(self, json_: Any, key: str | None = None) -> list[JSON]:
        found = json_.get(key) if key and isinstance(json_, dict) else json_
        if not isinstance(found, list) or not all(isinstance(item, dict) and "id" in item for item in found):
            raise Unreachable(f"that is no list of {self._kind.name}", place=self._shop.place, remedy="check url")
        return found

    def _parsed(self, item: object) -> W:
        try:
            return self._kind.model.model_validate(item)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
            number_ = item.get("id") if isinstance(item, dict) else None
            remedy = "a plugin may have changed the shop's answers"
            message = f"{self._kind.name} {number_}: not what WooCommerce gives ({where})"
            raise Unreachable(message, place=self._shop.place, remedy=remedy) from None

    def _record(self, item: W) -> Record:
        context = _Context(self._shop.name, self._shop.currency)
        record = Record(
            id=str(item.id),
            values={column.name: column.read(item, context) for column in self._kind.columns},
            modified=item.date_modified_gmt,
            created=item.date_created_gmt,
            marks=_marks(item.meta_data),
            trashed=item.status == "trash",
        )
        return self._kind.finish(record, item)

    def _one(self, method: str, path: str, body: JSON | None = None) -> Record:
        return self._record(self._parsed(self._shop.ask(method, path, body=body).json))

    def _look(self, record_id: str) -> Record | Gone:
        try:
            answer = self._shop.ask("GET", self._path(record_id))
        except Absent as error:
            return error.gone
        return self._alive(self._parsed(answer.json))

    def _alive(self, item: W) -> Record | Gone:
        if item.status == "trash":
            return Gone.TRASHED
        return Gone.HIDDEN if item.status in HALF_MADE else self._record(item)

    def _path(self, record_id: str) -> str:
        return f"{self._kind.name}/{record_id}"

    def _body(self, values: Values, native: Mapping[str, str]) -> JSON:
        body: JSON = {}
        for name, value in values.items():
            write = self._columns[name].write
            if write is None:
                raise Refused(f"only the shop sets {name}", place=self._shop.place)
            if value is None and name in ("name", "email"):
                raise Refused(f"{name} cannot be empty in the shop", place=self._shop.place)
            body |= write(value, native)
        return body


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + PER_PAGE] for start in range(0, len(ids), PER_PAGE))


def _just_before(moment: datetime) -> str:
    """The filter value that still lets `moment` itself through: the filters are exclusive, in whole seconds."""
    second = moment.astimezone(UTC).replace(microsecond=0) - timedelta(seconds=1)
    return second.strftime("%Y-%m-%dT%H:%M:%S")


# ---------------------------------------------------------------------------------------------------------- markers


def _marks(meta: Iterable[_Meta]) -> Marks:
    found = {each.key: each.value for each in meta}
    page_id = found.get("notion_page_id")
    return Marks(page_id=str(page_id) if page_id else None, synced=_stamp(found.get("notion_last_synced")))


def _stamp(raw: object) -> datetime | None:
    try:
        stamp = datetime.fromisoformat(str(raw))
    except ValueError:
        return None  # somebody else's
    return stamp.astimezone(UTC) if stamp.tzinfo else None


def _meta(marks: Marks) -> list[JSON]:
    """Written by key: an entry that is there is changed in place. Scalars come back as text, so text is sent."""
    stamp = marks.synced.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if marks.synced else None
    entries = {"notion_page_id": marks.page_id, "notion_managed": "true", "notion_last_synced": stamp}
    return [{"key": key, "value": value} for key, value in entries.items() if value is not None]


# ------------------------------------------------------------------------------------------------------ the service


class WooCommerce:
    """One shop. `api` is its own: `close` closes it."""

    kind = "woocommerce"

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self._settings = name, settings
        self.account = f"{self.kind} {settings.url}"
        self.streams = streams(name, settings)
        self._shop = _Shop(name, settings, api, cache)

    def replica(self, stream: str) -> _Replica[Product] | _Replica[Customer] | _Replica[Order]:
        match stream:
            case "products":
                return _Replica(self._shop, PRODUCTS)
            case "customers":
                return _Replica(self._shop, CUSTOMERS)
            case "orders":
                return _Replica(self._shop, ORDERS)
            case _:
                raise KeyError(stream)

    def requests(self) -> int:
        return self._shop.api.door.sent

    def close(self) -> None:
        self._shop.api.close()

    def health(self) -> Iterator[Check]:
        """Three requests: the public index, a list of one order, and a write to an order that cannot exist."""
        yield from self._checked("site", self._site)
        yield from self._checked("read", lambda: self._shop.ask("GET", "orders", params={"per_page": "1"}))
        yield from self._checked("write", self._may_write)

    def _checked(self, name: str, prove: Callable[[], object]) -> Iterator[Check]:
        try:
            prove()
        except HsnError as error:
            yield Check(name, "fail", error.message, error.remedy, self.name, error.exit_code)
        else:
            yield Check(name, "ok", f"{self._settings.url}: {_PROVED[name]}", service=self.name)

    def _site(self) -> None:
        answer = self._shop.api.request("GET", "/")
        index = answer.json if answer.status == 200 and isinstance(answer.json, dict) else None
        if index is None:
            raise self._shop.failure(answer, "GET")
        place, remedy = self._shop.place, "install and activate WooCommerce there, or correct url"
        if "namespaces" in index and API.strip("/") not in index["namespaces"]:
            raise Unreachable("a WordPress site without WooCommerce", place=place, remedy=remedy)
        zone = index.get("timezone_string")
        if self._settings.timezone and zone and zone != self._settings.timezone:
            raise ConfigError(f"the site's zone is {zone}", place=place, remedy=f'write timezone = "{zone}"')

    def _may_write(self) -> None:
        """A read-only key is refused before the shop looks for the order, which no shop is old enough to have."""
        try:
            self._shop.ask("PUT", f"orders/{NO_ORDER}", body={})
        except Absent:
            return


_PROVED = {"site": "answers", "read": "the key may read orders", "write": "the key may write"}


def connect(
    name: str, settings: Settings, open_door: "Callable[..., Door]", cache: MutableMapping[str, str]
) -> WooCommerce:
    """The shop behind a door of its own. `cache` outlives the run. Raises ConfigError when a secret cannot be had."""
    from higherself_sync.http import Api

    key, secret = settings.consumer_key.reveal(), settings.consumer_secret.reveal()
    sign = _basic(key, secret) if settings.url.startswith("https:") else _oauth(key, secret)
    door = open_door(name, repeatable=_repeatable, sign=sign)
    return WooCommerce(name, settings, Api(door, f"{settings.url}/wp-json"), cache)


def _repeatable(request: Any) -> bool:
    """What may be sent twice: whatever sets a state. A POST makes something new, but for a batch without `create`."""
    if request.method != "POST":
        return True
    return request.url.path.endswith("/batch") and "create" not in json.loads(request.content or b"{}")


def _basic(key: str, secret: str) -> Callable[[Any], Any]:
    token = base64.b64encode(f"{key}:{secret}".encode()).decode()

    def sign(request: Any) -> Any:
        if "/wc/" in request.url.path:
            request.headers["Authorization"] = f"Basic {token}"
        return request

    return sign


def _oauth(key: str, secret: str) -> Callable[[Any], Any]:
    """OAuth 1.0a, one-legged, in the query: the only way in over plain http, where the secret must not be sent."""
    from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_QUERY, Client

    client = Client(key, secret, signature_method=SIGNATURE_HMAC_SHA256, signature_type=SIGNATURE_TYPE_QUERY)

    def sign(request: Any) -> Any:
        if "/wc/" in request.url.path:
            signed, _, _ = client.sign(str(request.url), http_method=request.method)
            request.url = request.url.copy_with(query=urlsplit(signed).query.encode())
        return request

    return sign
