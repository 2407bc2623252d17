"""Customers: the site's users, whatever their role. They know no trash and no modified filter (trap 3)."""

import hashlib
import re
from collections.abc import Mapping
from itertools import count
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, meta, schema, text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.resource import PAGING, Resource, Test, Values, Visit, id_tests
from higherself_sync.sandbox.woocommerce.schema import Arg, integer, record, string
from higherself_sync.sandbox.woocommerce.store import Record

ROLES = ("administrator", "editor", "author", "contributor", "subscriber", "customer", "shop_manager")
EDITABLE_ROLES = ("customer", "subscriber")

_PLACE = ("first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country", "state")
BILLING = (*_PLACE, "email", "phone")
SHIPPING = (*_PLACE, "phone")

ARGS: dict[str, Arg] = {
    "email": string(format="email"),
    "first_name": string(),
    "last_name": string(),
    "username": string(),
    "password": string(),
    "billing": record(**{name: string(format="email" if name == "email" else "") for name in BILLING}),
    "shipping": record(**{name: string() for name in SHIPPING}),
    "meta_data": schema.META,
}
PARAMS: dict[str, Arg] = {
    **PAGING,
    "order": string("asc", "desc", default="asc"),
    "orderby": string("id", "include", "name", "registered_date", default="name"),
    "email": string(format="email"),
    "role": string("all", *ROLES, default="customer"),
    "offset": integer(),
}


class Customers(Resource):
    name = "customers"
    table = "customers"
    kind = "customer"
    args = ARGS
    params = PARAMS
    hidden_when_absent = True

    def unknown(self, status: int) -> Refused:
        if status == 404:
            return Refused("wc_user_invalid_id", "Invalid user ID.", 404)
        return Refused("woocommerce_rest_invalid_id", "Invalid resource ID.", 400)

    def tests(self, params: Values) -> list[Test]:
        tests = id_tests(params)
        if (role := params["role"]) != "all":
            tests.append(lambda r: r["role"] == role)
        if email := params.get("email"):
            tests.append(lambda r: r["email"].lower() == email.lower())
        elif words := params.get("search"):
            tests.append(lambda r: words.lower() in f"{r['username']}\n{r['email']}\n{_display_name(r)}".lower())
        return tests

    def sorted(self, records: list[Record], params: Values) -> list[Record]:
        keys: Mapping[str, Any] = {
            "id": lambda r: r["id"],
            "name": lambda r: (_display_name(r).casefold(), r["id"]),
            "registered_date": lambda r: (r["date_created_gmt"] or "", r["id"]),
            "include": lambda r: params["include"].index(r["id"]) if r["id"] in params["include"] else 0,
        }
        backwards = params["order"] == "desc" and params["orderby"] != "include"
        return sorted(records, key=keys[params["orderby"]], reverse=backwards)

    # writing

    def create_args(self) -> Mapping[str, Arg]:
        """A new customer's e-mail is demanded, but only its type is checked here."""
        return {**ARGS, "email": Arg(("string",), required=True)}

    def create(self, data: Values, visit: Visit) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_customer_exists", "Cannot create existing resource.", 400)
        email = str(data.get("email") or "")
        self._check_new_email(email)
        draft = {
            **blank(),
            **dates.pair("date_created", visit.now),
            "email": email,
            "role": str(data.get("role") or "customer"),
        }
        draft["username"] = self._new_username(data)
        draft["id"] = self.store.new_id("customers")
        if not data.get("password"):
            nag = [{"key": "default_password_nag", "value": "1"}]
            draft["meta_data"] = meta.written([], nag, self.store.next_meta_id)
        self._write(draft, data)
        return self._save(draft, visit)

    def update(self, record_id: int, data: Values, visit: Visit) -> Record:
        self.found(record_id, 400)
        draft = self.store.draft("customers", record_id)
        self._check_change(draft, data)
        if data.get("email") is not None:
            draft["email"] = text.cleaned(str(data["email"]))
        self._write(draft, data)
        return self._save(draft, visit)

    def delete(self, record_id: int, force: bool, visit: Visit) -> Record:
        if not force:
            raise Refused("woocommerce_rest_trash_not_supported", "Customers do not support trashing.", 501)
        customer = self.found(record_id, 404)
        if customer["role"] not in EDITABLE_ROLES:
            message = f"Sorry, users with {customer['role']} role cannot be deleted via this endpoint. Allowed roles: customer, subscriber"
            raise Refused("woocommerce_rest_cannot_delete", message, 403)
        self.destroy(record_id)
        return customer

    def _write(self, draft: Record, data: Values) -> None:
        for field in ("first_name", "last_name"):
            if data.get(field) is not None:
                draft[field] = text.cleaned(str(data[field]))
        for field in ("billing", "shipping"):
            if isinstance(given := data.get(field), Mapping):
                draft[field] = address(draft[field], given)
        draft["meta_data"] = meta.by_id(
            meta.written(draft["meta_data"], data.get("meta_data"), self.store.next_meta_id)
        )

    def _save(self, draft: Record, visit: Visit) -> Record:
        draft |= dates.pair("date_modified", visit.now)
        draft["avatar_url"] = avatar(draft["email"])
        return self.store.put("customers", draft)

    def _check_new_email(self, email: str) -> None:
        if not email or not schema.is_email(email):
            raise Refused("registration-error-invalid-email", "Please provide a valid email address.", 400)
        if email.lower() in self.store.emails:
            message = f"An account is already registered with {email}. Please log in or use a different email address."
            raise Refused("registration-error-email-exists", message, 400)

    def _new_username(self, data: Values) -> str:
        taken = self.store.usernames
        if name := _username(str(data.get("username") or "")):
            if name.lower() in taken:
                message = "An account is already registered with that username. Please choose another."
                raise Refused("registration-error-username-exists", message, 400)
            return name
        parts = [_username(str(data.get(field) or "")) for field in ("first_name", "last_name")]
        base = (
            ".".join(part for part in parts if part).lower() or _username(str(data["email"]).partition("@")[0]).lower()
        )
        if base not in taken:
            return base
        return next(name for n in count(1) if (name := f"{base}-{n}") not in taken)

    def _check_change(self, customer: Record, data: Values) -> None:
        email, username = data.get("email"), data.get("username")
        if email and email != customer["email"]:
            if customer["role"] not in EDITABLE_ROLES:
                message = f"Sorry, email cannot be updated via this endpoint for a user with role {customer['role']}."
                raise Refused("woocommerce_rest_cannot_edit", message, 403)
            if str(email).lower() in self.store.emails:
                raise Refused("woocommerce_rest_customer_invalid_email", "Email address is invalid.", 400)
        if username and username != customer["username"]:
            raise Refused("woocommerce_rest_customer_invalid_argument", "Username isn't editable.", 400)


def blank() -> Record:
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


def address(old: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, str]:
    """The address with what was given in place. Raises Refused for a bad e-mail."""
    new = {name: value if given.get(name) is None else text.cleaned(str(given[name])) for name, value in old.items()}
    if new.get("email") and not schema.is_email(new["email"]):
        raise Refused("customer_invalid_billing_email", "Invalid billing email address", 400)
    return new


def avatar(email: str) -> str:
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return f"https://secure.gravatar.com/avatar/{digest}?s=96&d=mm&r=g"


def _display_name(customer: Record) -> str:
    return f"{customer['first_name']} {customer['last_name']}".strip() or str(customer["username"])


def _username(wished: str) -> str:
    return re.sub(r"[^A-Za-z0-9 _.\-@]", "", text.cleaned(wished)).strip()
