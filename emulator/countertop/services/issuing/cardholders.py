"""Cardholders: who cards are issued to (issuing.md §2)."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from countertop.accounts import CURRENCY_OF
from countertop.api.errors import invalid, missing_resource
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Scope
from countertop.api.shape import complete
from countertop.services.changes import merge, unset
from countertop.services.issuing import cardholder_requirements as requirements
from countertop.services.issuing import control_rules

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

KIND = requirements.KIND
NOUN = "issuing cardholder"
MOST_NAME = 24
YOUNGEST = 13
_NAME = re.compile(r"[^\W\d_]([^\W\d_]|[ .,'\-])*")
_NO_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}


def operations(room: Issuing) -> Operations:
    """The operations of /v1/issuing/cardholders."""
    return {
        "POST /v1/issuing/cardholders": creator(room),
        "GET /v1/issuing/cardholders": list_cardholders,
        "GET /v1/issuing/cardholders/{cardholder}": retrieve,
        "POST /v1/issuing/cardholders/{cardholder}": updater(room),
    }


def creator(room: Issuing) -> Handler:
    """POST /v1/issuing/cardholders."""

    def create(call: Call) -> Document:
        params = dict(call.params)
        _check(call, params)
        given = unset({name: value for name, value in params.items() if name in ("email", "phone_number", "metadata")})
        cardholder = complete(
            KIND,
            {
                "id": call.new_id(KIND),
                "object": KIND,
                "billing": {"address": _NO_ADDRESS | unset(params["billing"]["address"])},
                "company": _company(params.get("company")),
                "created": call.now,
                "individual": _individual(params.get("individual"), None),
                "livemode": False,
                "metadata": {},
                "name": params["name"],
                "preferred_locales": params.get("preferred_locales") or [],
                "requirements": {"disabled_reason": requirements.UNDER_REVIEW, "past_due": []},
                "spending_controls": control_rules.checked(
                    params.get("spending_controls") or {}, on_card=False, currency=CURRENCY_OF[call.account.country]
                ),
                "status": params.get("status", "active"),
                "type": params.get("type", "individual"),
                **given,
            },
        )
        call.save(cardholder, "issuing_cardholder.created")
        requirements.review(room, call, cardholder)
        return fetch(call, cardholder["id"])

    return create


def updater(room: Issuing) -> Handler:
    """POST /v1/issuing/cardholders/{cardholder}: the address comes whole, all else is merged."""

    def update(call: Call) -> Document:
        before = fetch(call, call.path["cardholder"], in_path=True)
        params = dict(call.params)
        _check(call, params)
        if "status" in params and before["status"] == "blocked":
            raise invalid("This cardholder is blocked and cannot be updated.", param="status")
        after = merge(before, {name: value for name, value in params.items() if name in _MERGED})
        if "billing" in params:
            after["billing"] = {"address": _NO_ADDRESS | unset(params["billing"]["address"])}
        if "individual" in params:
            after["individual"] = _individual(params["individual"], before["individual"])
        if "company" in params:
            after["company"] = _company(params["company"]) or before["company"]
        if "spending_controls" in params:
            after["spending_controls"] = control_rules.checked(
                params["spending_controls"] or {},
                on_card=False,
                currency=CURRENCY_OF[call.account.country],
                before=before["spending_controls"],
            )
        after = requirements.recheck(room, call, after)
        return call.save(after, "issuing_cardholder.updated", before) if after != before else after

    return update


def retrieve(call: Call) -> Document:
    """GET /v1/issuing/cardholders/{cardholder}."""
    return fetch(call, call.path["cardholder"], in_path=True)


def list_cardholders(call: Call) -> Listing:
    """GET /v1/issuing/cardholders."""
    return list_objects(call, KIND, where=filters_of(call, "email", "phone_number", "status", "type"))


def fetch(scope: Scope, name: str, *, param: str = "cardholder", in_path: bool = False) -> Document:
    """A cardholder as stored.  Raises ApiError resource_missing."""
    found = scope.get(KIND, name)
    if found is None:
        raise missing_resource(NOUN, name, param=param, in_path=in_path)
    return found


_MERGED = ("email", "phone_number", "metadata", "preferred_locales", "status")


def _check(call: Call, params: Document) -> None:
    name = params.get("name")
    if name is not None and (len(name) > MOST_NAME or not _NAME.fullmatch(name)):
        raise invalid(
            f"The cardholder's name must have at most {MOST_NAME} characters, and no digits or special characters.",
            param="name",
        )
    individual = params.get("individual") or {}
    for part in ("first_name", "last_name"):
        text = individual.get(part)
        if text and not _NAME.fullmatch(text):
            raise invalid("Names have letters, spaces and . , - ' only.", param=f"individual[{part}]")
    born = individual.get("dob") or None
    if born:
        _check_birth(call, born)


def _check_birth(call: Call, born: Document) -> None:
    now = time.gmtime(call.now)
    try:
        time.strptime(f"{born['year']:04d}-{born['month']:02d}-{born['day']:02d}", "%Y-%m-%d")
    except ValueError:
        raise invalid("That is no date.", param="individual[dob]") from None
    reached = (born["month"], born["day"]) <= (now.tm_mon, now.tm_mday)
    age = now.tm_year - born["year"] - (0 if reached else 1)
    if age < YOUNGEST:
        raise invalid(f"The cardholder must be at least {YOUNGEST} years old.", param="individual[dob]")


def _company(given: Document | None) -> Document | None:
    return None if given is None else {"tax_id_provided": bool(given.get("tax_id"))}


def _individual(given: Document | str | None, before: Document | None) -> Document | None:
    if not isinstance(given, dict):
        return before
    empty: Document = {
        "dob": None,
        "first_name": None,
        "last_name": None,
        "verification": {"document": {"back": None, "front": None}},
    }
    individual = merge(before or empty, unset(given))
    if individual.get("card_issuing"):
        accepted = individual["card_issuing"].get("user_terms_acceptance") or {}
        individual["card_issuing"] = {
            "user_terms_acceptance": {"date": None, "ip": None, "user_agent": None} | accepted
        }
    return individual
