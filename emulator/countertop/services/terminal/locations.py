"""Locations: where readers stand; the address must fit its country (terminal.md §1.2)."""

from __future__ import annotations

from countertop.accounts import CURRENCY_OF
from countertop.api.errors import invalid
from countertop.api.lists import list_objects
from countertop.api.scope import Call, Document, Listing, Operations
from countertop.api.shape import complete
from countertop.services.changes import merge, unset

KIND = "terminal.location"
WITH_STATE = frozenset("AU CA ES IT JP US".split())
WITHOUT_CITY = frozenset("BG CY HR IE MT SG SI".split())
WITHOUT_POSTAL_CODE = frozenset("AE GR HK".split())
MEMBERS = ("city", "country", "line1", "line2", "postal_code", "state")
JAPANESE = ("address_kana", "address_kanji")
JAPANESE_NAMES = ("display_name", "display_name_kana", "display_name_kanji")


def operations() -> Operations:
    """The operations of /v1/terminal/locations."""
    return {
        "POST /v1/terminal/locations": create,
        "GET /v1/terminal/locations": list_locations,
        "GET /v1/terminal/locations/{location}": retrieve,
        "POST /v1/terminal/locations/{location}": update,
        "DELETE /v1/terminal/locations/{location}": delete,
    }


def create(call: Call) -> Document:
    """POST /v1/terminal/locations."""
    params = dict(call.params)
    location: Document = {"id": call.new_id(KIND), "object": KIND, "livemode": False, "metadata": {}}
    if any(name in params for name in JAPANESE):
        if "address" in params:
            raise invalid("Locations in Japan take address_kana or address_kanji, not address.", param="address")
        if not any(params.get(name) for name in JAPANESE_NAMES):
            raise _missing("display_name")
        location["address"] = dict.fromkeys(MEMBERS) | {"country": "JP"}
    else:
        _check_address(params.get("address"))
        if not params.get("display_name"):
            raise _missing("display_name")
        params["address"] = dict.fromkeys(MEMBERS) | unset(params["address"])
        params["address"]["country"] = params["address"]["country"].upper()
    _check_configuration(call, params)
    given = {name: value for name, value in unset(params).items() if value is not None}
    return call.save(complete(KIND, location | given))


def list_locations(call: Call) -> Listing:
    """GET /v1/terminal/locations."""
    return list_objects(call, KIND)


def retrieve(call: Call) -> Document:
    """GET /v1/terminal/locations/{location}."""
    return call.fetch(KIND, call.path["location"], param="location", in_path=True)


def update(call: Call) -> Document:
    """POST /v1/terminal/locations/{location}: everything but the country."""
    before = retrieve(call)
    params = call.params
    address = params.get("address") or {}
    country = before["address"]["country"]
    if "country" in address and address["country"].upper() != country:
        raise invalid("The country of a location cannot be changed.", param="address[country]")
    _check_configuration(call, params)
    after = merge(before, params)
    if address:
        after["address"]["country"] = country
        _check_address(after["address"])
    for name in ("configuration_overrides", "phone", *JAPANESE_NAMES[1:]):
        if name in after and after[name] is None:
            del after[name]  # absent until it is set (terminal.md §1.2)
    return call.save(after)


def delete(call: Call) -> Document:
    """DELETE /v1/terminal/locations/{location}: its readers must be gone first."""
    location = retrieve(call)
    if next(call.tx.each(call.account.id, "terminal.reader", where={"location": location["id"]}), None):
        raise invalid(
            f"Location {location['id']} still has readers registered to it. Delete or re-register them first."
        )
    return call.remove(location)


def _check_address(address: Document | None) -> None:
    if not address:
        raise _missing("address")
    country = (address.get("country") or "").upper()
    if not country:
        raise _missing("address[country]")
    if country not in CURRENCY_OF:
        raise invalid(
            f"Terminal is not available in the country {country[:20]!r}.",
            code="terminal_location_country_unsupported",
            param="address[country]",
        )
    if country == "JP":
        raise invalid("Locations in Japan take address_kana or address_kanji, not address.", param="address")
    for name in _required(country):
        if not address.get(name):
            raise _missing(f"address[{name}]")


def _required(country: str) -> tuple[str, ...]:
    if country == "GI":
        return ("line1",)
    if country in WITHOUT_POSTAL_CODE:
        return ("line1", "city")
    if country in WITHOUT_CITY:
        return ("line1", "postal_code")
    return ("line1", "city", "state", "postal_code") if country in WITH_STATE else ("line1", "city", "postal_code")


def _check_configuration(call: Call, params: Document) -> None:
    name = params.get("configuration_overrides")
    if name:
        call.fetch("terminal.configuration", name, param="configuration_overrides")


def _missing(param: str) -> Exception:
    return invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)
