"""Personalization designs: logo and letter of physical cards, reviewed before they are used (issuing.md §4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid, missing_resource
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Scope
from countertop.api.shape import complete
from countertop.services.changes import merge, unset
from countertop.services.issuing import bundles
from countertop.services.issuing.design_files import check_logo

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

KIND = "issuing.personalization_design"
NOUN = "issuing personalization design"
UPDATED = "issuing_personalization_design.updated"
TEXTS = ("footer_body", "footer_title", "header_body", "header_title")
# What a new review is needed for (assumed).
REVIEWED = ("card_logo", "carrier_text", "physical_bundle")
# Helper → the states that it starts from, the one that it leads to, and its event.
MOVES = {
    "activate": (("review", "rejected", "inactive"), "active", "issuing_personalization_design.activated"),
    "deactivate": (("active", "review"), "inactive", "issuing_personalization_design.deactivated"),
    "reject": (("review", "active"), "rejected", "issuing_personalization_design.rejected"),
}
_NO_REASONS = {"card_logo": None, "carrier_text": None}


def operations(room: Issuing) -> Operations:
    """The operations of /v1/issuing/personalization_designs and their test helpers."""
    one = "/v1/issuing/personalization_designs/{personalization_design}"
    helper = "POST /v1/test_helpers/issuing/personalization_designs/{personalization_design}/"
    return {
        "POST /v1/issuing/personalization_designs": create,
        "GET /v1/issuing/personalization_designs": list_designs,
        f"GET {one}": retrieve,
        f"POST {one}": update,
        **{f"{helper}{move}": _helper(move) for move in MOVES},
    }


def create(call: Call) -> Document:
    """POST /v1/issuing/personalization_designs: it begins in review, without an event."""
    params = call.params
    design = complete(
        KIND,
        {
            "id": call.new_id(KIND),
            "object": KIND,
            "card_logo": params.get("card_logo"),
            "carrier_text": _texts(params.get("carrier_text")),
            "created": call.now,
            "livemode": False,
            "lookup_key": None,
            "metadata": unset({"metadata": params.get("metadata", {})})["metadata"],
            "name": params.get("name") or None,
            "physical_bundle": params["physical_bundle"],
            "preferences": {
                "is_default": False,
                "is_platform_default": False if call.account.platform is not None else None,
            },
            "rejection_reasons": _NO_REASONS,
            "status": "review",
        },
    )
    _check(call, design)
    design["lookup_key"] = _lookup_key(call, design, params)
    if (params.get("preferences") or {}).get("is_default"):
        _make_default(call, design)
    return call.save(design)


def update(call: Call) -> Document:
    """POST /v1/issuing/personalization_designs/{personalization_design}."""
    before = retrieve(call)
    params = call.params
    after = merge(before, {name: params[name] for name in ("card_logo", "metadata", "name") if name in params})
    if "physical_bundle" in params:
        after["physical_bundle"] = params["physical_bundle"]
    if "carrier_text" in params:
        given = params["carrier_text"]
        after["carrier_text"] = (
            _texts(given) if not before["carrier_text"] or not given else (before["carrier_text"] | unset(given))
        )
    _check(call, after)
    if "lookup_key" in params:
        after["lookup_key"] = _lookup_key(call, after, params)
    preferences = params.get("preferences")
    if preferences is not None:
        if preferences["is_default"]:
            _make_default(call, after)
        else:
            after["preferences"] = after["preferences"] | {"is_default": False}
    looked_at_anew = any(after[name] != before[name] for name in REVIEWED)
    if looked_at_anew and before["status"] in ("rejected", "inactive"):
        after |= {"rejection_reasons": _NO_REASONS, "status": "review"}
    return call.save(after, UPDATED, before) if after != before else after


def retrieve(call: Call) -> Document:
    """GET /v1/issuing/personalization_designs/{personalization_design}."""
    return fetch(call, call.path["personalization_design"], in_path=True)


def list_designs(call: Call) -> Listing:
    """GET /v1/issuing/personalization_designs."""
    where = filters_of(call, "status")
    for name, value in (call.params.get("preferences") or {}).items():
        where[f"preferences.{name}"] = value
    if "lookup_keys" in call.params:
        where["lookup_key"] = tuple(call.params["lookup_keys"])
    return list_objects(call, KIND, where=where)


def fetch(scope: Scope, name: str, *, param: str = "personalization_design", in_path: bool = False) -> Document:
    """A design.  Raises ApiError resource_missing."""
    found = scope.get(KIND, name)
    if found is None:
        raise missing_resource(NOUN, name, param=param, in_path=in_path)
    return found


# --- designs of cards ---------------------------------------------------------------------------------------------


def of_new_card(call: Call, params: Document) -> Document:
    """``personalization_design`` and ``second_line`` of a card that is made.  Raises ApiError 400."""
    named, line = params.get("personalization_design"), params.get("second_line") or None
    if params["type"] == "virtual":
        for name, value in (("personalization_design", named), ("second_line", line)):
            if value:
                raise invalid("Only physical cards are printed.", param=name)
        return {"personalization_design": None, "second_line": None}
    design = _usable(call, named) if named is not None else _default(call)
    bundle = bundles.bundle_of(design["physical_bundle"] if design is not None else bundles.STANDARD)
    bundles.check_feature(bundle, "second_line", given=line is not None)
    if line is not None and len(line) > MOST_LINE:
        raise invalid(f"The second line has at most {MOST_LINE} characters.", param="second_line")
    return {"personalization_design": design["id"] if design is not None else None, "second_line": line}


def of_changed_card(call: Call, card: Document, named: str) -> Document:
    """Another design, until the card is being made.  Raises ApiError 400."""
    if card["shipping"] is None or card["shipping"]["status"] != "pending":
        raise invalid(
            "The design of a card can be changed only until it is submitted to the printer.",
            param="personalization_design",
        )
    return {"personalization_design": _usable(call, named)["id"]}


MOST_LINE = 24


def _usable(call: Call, named: str) -> Document:
    design = fetch(call, named)
    if design["status"] != "active":
        raise invalid(
            f"The personalization design {named} is {design['status']}, and only active ones can be used.",
            param="personalization_design",
        )
    return design


def _default(call: Call) -> Document | None:
    for name, _ in call.tx.each(call.account.id, KIND, where={"preferences.is_default": True, "status": "active"}):
        return fetch(call, name)
    return None


# --- inner --------------------------------------------------------------------------------------------------------


def _helper(move: str) -> Handler:
    starts, end, event = MOVES[move]

    def handle(call: Call) -> Document:
        before = retrieve(call)
        if before["status"] not in starts:
            raise invalid(f"You cannot {move} a personalization design whose status is {before['status']}.")
        given = call.params.get("rejection_reasons") or {}
        reasons = (
            {name: list(given.get(name) or ()) or None for name in _NO_REASONS} if move == "reject" else _NO_REASONS
        )
        after = before | {"rejection_reasons": reasons, "status": end}
        return call.save(after, event)

    return handle


def _check(call: Call, design: Document) -> None:
    bundle = bundles.fetch(design["physical_bundle"])
    if bundle["status"] != "active":
        raise invalid(f"The physical bundle {bundle['id']} is not active.", param="physical_bundle")
    bundles.check_feature(bundle, "card_logo", given=design["card_logo"] is not None)
    bundles.check_feature(bundle, "carrier_text", given=design["carrier_text"] is not None)
    if design["card_logo"] is not None:
        check_logo(call, design["card_logo"])
    bundles.remember(call, bundle)


def _lookup_key(call: Call, design: Document, params: Document) -> str | None:
    key = params.get("lookup_key") or None
    if key is None:
        return None
    for name, _ in list(call.tx.each(call.account.id, KIND, where={"lookup_key": key})):
        if name == design["id"]:
            continue
        if not params.get("transfer_lookup_key"):
            raise invalid(
                f"The lookup key {key[:40]} is used by {name}. Use transfer_lookup_key to take it.", param="lookup_key"
            )
        other = fetch(call, name)
        call.save(other | {"lookup_key": None}, UPDATED, other)
    return str(key)


def _make_default(call: Call, design: Document) -> None:
    for name, _ in list(call.tx.each(call.account.id, KIND, where={"preferences.is_default": True})):
        if name != design["id"]:
            other = fetch(call, name)
            changed = other | {"preferences": other["preferences"] | {"is_default": False}}
            call.save(changed, UPDATED, other)
    design["preferences"] = design["preferences"] | {"is_default": True}


def _texts(given: Document | str | None) -> Document | None:
    if not isinstance(given, dict):
        return None
    return {name: given.get(name) or None for name in TEXTS}
