"""Customers: the site's users, whatever their role. They know no trash and no modified filter (trap 3)."""

import hashlib
import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, goods, meta, schema, text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.resource import PAGING, Resource, Test, Values, equals, id_tests
from higherself_sync.sandbox.woocommerce.schema import Arg, record, string
from higherself_sync.sandbox.woocommerce.store import Record
from higherself_sync.sandbox.woocommerce.webhooks import announce

ROLES = ("administrator", "editor", "author", "contributor", "subscriber", "customer", "shop_manager")
SHOPPERS = ("customer", "subscriber")
"""Only these may be deleted, or get another e-mail address, through the API."""

_PLACE = ("first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country", "state")
BILLING = (*_PLACE, "email", "phone")
SHIPPING = (*_PLACE, "phone")

ARGS: dict[str, Arg] = {
    "email": string(form="email"),
    "first_name": string(),
    "last_name": string(),
    "username": string(),
    "password": string(),
    "billing": record(**{name: string(form="email" if name == "email" else "") for name in BILLING}),
    "shipping": record(**{name: string() for name in SHIPPING}),
    "meta_data": schema.META,
}
PARAMS: dict[str, Arg] = {
    **PAGING,
    "order": string("asc", "desc", default="asc"),
    "orderby": string("id", "include", "name", "registered_date", default="name"),
    "email": string(form="email"),
    "role": string("all", *ROLES, default="customer"),
}
# An account is named after the front of the address, but not after these; then after its domain.
_NAMELESS = ("sales", "hello", "mail", "contact", "info")
_SORT_KEYS: dict[str, Callable[[Record], Any]] = {
    "id": lambda r: r["id"],
    "name": lambda r: (_display_name(r).casefold(), r["id"]),
    "registered_date": lambda r: (r["date_created_gmt"] or "", r["id"]),
}


class Customers(Resource):
    name = "customers"
    table = "customers"
    kind = "customer"
    args = ARGS
    params = PARAMS
    is_open_when_absent = True

    def unknown(self, status: int) -> Refused:
        if status == 404:
            return Refused("wc_user_invalid_id", "Invalid user ID.", 404)
        return Refused("woocommerce_rest_invalid_id", "Invalid resource ID.", 400)

    def permit(self, method: str, record_id: int, data: Values) -> None:
        """Outside a batch an unknown customer is a 404 for every method; staff may not be deleted or renamed."""
        customer = self.found(record_id, 404)
        role = customer["role"]
        if role in SHOPPERS:
            return
        if method == "DELETE":
            allowed = ", ".join(SHOPPERS)
            message = f"Sorry, users with {role} role cannot be deleted via this endpoint. Allowed roles: {allowed}"
            raise Refused("woocommerce_rest_cannot_delete", message, 403)
        if method != "GET":
            _protect(customer, data)

    def tests(self, params: Values) -> list[Test]:
        tests = id_tests(params)
        if (role := params["role"]) != "all":
            tests.append(equals("role", role))
        if email := params["email"]:
            tests.append(lambda r: r["email"].lower() == email.lower())
        elif words := params["search"].lower():
            tests.append(lambda r: words in f"{r['username']}\n{r['email']}\n{_display_name(r)}".lower())
        return tests

    def sorted(self, records: list[Record], params: Values) -> list[Record]:
        if params["orderby"] == "include":
            return super().sorted(records, params)
        return sorted(records, key=_SORT_KEYS[params["orderby"]], reverse=params["order"] == "desc")

    # writing

    def args_to_create(self) -> Mapping[str, Arg]:
        """A new customer's e-mail address is demanded, but only its type is checked here."""
        return {**ARGS, "email": Arg(("string",), required=True)}

    def create(self, data: Values) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_customer_exists", "Cannot create existing resource.")
        email = str(data.get("email") or "")
        self._check_new_email(email)
        draft = {**blank(), **dates.pair("date_created", self.visit.now), "email": email}
        draft |= {"username": self._new_username(data, email), "id": self.store.new_id("customers")}
        if self.visit.via == "admin" and data.get("role"):
            draft["role"] = str(data["role"])
        if not data.get("password"):
            nag = [{"key": "default_password_nag", "value": "1"}]
            draft["meta_data"] = meta.written([], nag, self.store.next_meta_id)
        stored = self._save(draft, data)
        announce(self.store, "customer", "created", stored["id"])
        return stored

    def update(self, record_id: int, data: Values) -> Record:
        customer = self.found(record_id, 400)
        draft = self.store.draft("customers", record_id)
        email, username = data.get("email"), data.get("username")
        if email and str(email).lower() in self.store.emails and email != customer["email"]:
            raise Refused("woocommerce_rest_customer_invalid_email", "Email address is invalid.")
        if username and username != customer["username"]:
            raise Refused("woocommerce_rest_customer_invalid_argument", "Username isn't editable.")
        if email is not None:
            draft["email"] = _email(str(email))
        return self._save(draft, data)

    def _save(self, draft: Record, data: Values) -> Record:
        """Stamps the customer, even where nothing changed."""
        names = ("first_name", "last_name")
        goods.copy_fields(draft, data, dict.fromkeys(names, lambda value: text.cleaned(str(value))))
        for field in ("billing", "shipping"):
            if isinstance(given := data.get(field), Mapping):
                kept = {name: value for name, value in given.items() if value is not None}
                draft[field] = address(draft[field], kept, "customer")
        goods.write_meta(self.store, draft, data.get("meta_data"))
        draft |= dates.pair("date_modified", self.visit.now)
        draft["avatar_url"] = _avatar(draft["email"])
        announce(self.store, "customer", "updated", draft["id"])
        return self.store.put("customers", draft)

    def _check_new_email(self, email: str) -> None:
        if not email:
            raise Refused("registration-error-invalid-email", "Please provide a valid email address.")
        if _email(email).lower() in self.store.emails:
            shown = html.escape(email)
            message = f"An account is already registered with {shown}. Please log in or use a different email address."
            raise Refused("registration-error-email-exists", message)

    def _new_username(self, data: Values, email: str) -> str:
        taken = self.store.usernames
        if name := _username(str(data.get("username") or "")):
            if name.lower() in taken:
                message = "An account is already registered with that username. Please choose another."
                raise Refused("registration-error-username-exists", message)
            return name
        front, _, domain = email.partition("@")
        base = _username(domain if front in _NAMELESS else front).lower()
        name = base
        while name in taken:
            name = f"{base}-{self.store.random.randrange(10_000):04}"
        return name

    def destroy(self, record_id: int) -> None:
        super().destroy(record_id)
        announce(self.store, "customer", "deleted", record_id)

    def delete(self, record_id: int, force: bool) -> None:
        if not force:
            raise Refused("woocommerce_rest_trash_not_supported", "Customers do not support trashing.", 501)
        super().delete(record_id, force)


def blank() -> Record:
    """An empty customer, its fields in the order of the API."""
    return {
        "id": 0,
        **dates.pair("date_created", None),
        **dates.pair("date_modified", None),
        "email": "",
        "first_name": "",
        "last_name": "",
        "role": "customer",
        "username": "",
        "billing": dict.fromkeys(BILLING, ""),
        "shipping": dict.fromkeys(SHIPPING, ""),
        "is_paying_customer": False,
        "avatar_url": "",
        "meta_data": [],
    }


def address(old: Mapping[str, str], given: Mapping[str, Any], owner: str) -> dict[str, str]:
    """The address with what was given in place; null is nothing. Raises Refused for a bad e-mail address."""
    new = {name: _line(given[name]) if name in given else value for name, value in old.items()}
    if new.get("email") and not schema.is_email(new["email"]):
        raise Refused(f"{owner}_invalid_billing_email", "Invalid billing email address")
    return new


def _line(value: Any) -> str:
    return "" if value is None else str(text.scalar(value))


def _protect(staff: Record, data: Values) -> None:
    for field in ("email", "password"):
        if data.get(field) is not None and data[field] != staff.get(field):
            message = f"Sorry, {field} cannot be updated via this endpoint for a user with role {staff['role']}."
            raise Refused("woocommerce_rest_cannot_edit", message, 403)


def _email(value: str) -> str:
    """Raises Refused for what WordPress takes for no address, among them every one with a non-ASCII front."""
    if value and not schema.is_email(value):
        raise Refused("customer_invalid_email", "Invalid email address")
    return value


def _avatar(email: str) -> str:
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return f"https://secure.gravatar.com/avatar/{digest}?s=96&d=mm&r=g"


def _display_name(customer: Record) -> str:
    return f"{customer['first_name']} {customer['last_name']}".strip() or str(customer["username"])


def _username(wished: str) -> str:
    return re.sub(r"[^A-Za-z0-9 _.\-@]", "", text.cleaned(wished)).strip()
