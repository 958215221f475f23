"""Locations: where readers stand; the address must fit its country (terminal.md §1.2)."""

from __future__ import annotations

from countertop.accounts import CURRENCY_OF
from countertop.api.errors import ApiError, invalid
from countertop.api.lists import list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations
from countertop.api.shape import complete
from countertop.gateway import Gateway
from countertop.services.changes import merge, unset
from countertop.services.terminal.propagation import tell_readers

KIND = "terminal.location"
WITH_STATE = frozenset("AU CA ES IT JP US".split())
WITHOUT_CITY = frozenset("BG CY HR IE MT SG SI".split())
WITHOUT_POSTAL_CODE = frozenset("AE GR HK".split())
MEMBERS = ("city", "country", "line1", "line2", "postal_code", "state")
JAPANESE = ("address_kana", "address_kanji")
JAPANESE_NAMES = ("display_name_kana", "display_name_kanji")
NAMES = ("display_name", *JAPANESE_NAMES)
# Absent until they are set.
OPTIONAL = ("configuration_overrides", "phone", *JAPANESE_NAMES, *JAPANESE)


def operations(gateway: Gateway) -> Operations:
    """The operations of /v1/terminal/locations."""
    return {
        "POST /v1/terminal/locations": create,
        "GET /v1/terminal/locations": list_locations,
        "GET /v1/terminal/locations/{location}": retrieve,
        "POST /v1/terminal/locations/{location}": updater(gateway),
        "DELETE /v1/terminal/locations/{location}": delete,
    }


def create(call: Call) -> Document:
    """POST /v1/terminal/locations."""
    params = call.params
    given = unset(params)
    if any(name in params for name in JAPANESE):
        _check_country(call, "JP")
        given["address"] = dict.fromkeys(MEMBERS) | {"country": "JP"}
    else:
        country = _country_of(params.get("address"))
        _check_country(call, country)
        given["address"] = dict.fromkeys(MEMBERS) | given["address"] | {"country": country}
        _check_members(given["address"])
    _check_names(given)
    _check_configuration(call)
    location: Document = {"id": call.new_id(KIND), "object": KIND, "livemode": False, "metadata": {}}
    return call.save(_settled(location | given))


def list_locations(call: Call) -> Listing:
    """GET /v1/terminal/locations."""
    return list_objects(call, KIND)


def retrieve(call: Call) -> Document:
    """GET /v1/terminal/locations/{location}."""
    return call.fetch(KIND, call.path["location"], param="location", in_path=True)


def updater(gateway: Gateway) -> Handler:
    """POST /v1/terminal/locations/{location}: everything but the country; an empty string unsets what need not be."""

    def update(call: Call) -> Document:
        before = retrieve(call)
        country = before["address"]["country"]
        address = call.params.get("address") or {}
        if "country" in address and address["country"].upper() != country:
            raise invalid("The country of a location cannot be changed.", param="address[country]")
        _check_country(call, country)
        after = merge(before, call.params)
        if address:
            after["address"]["country"] = country
            _check_members(after["address"])
        _check_names(after)
        _check_configuration(call)
        saved = call.save(_settled(after))
        if before.get("configuration_overrides") != saved.get("configuration_overrides"):
            tell_readers(gateway, call, saved["id"])
        return saved

    return update


def delete(call: Call) -> Document:
    """DELETE /v1/terminal/locations/{location}: its readers must be gone first."""
    location = retrieve(call)
    if next(call.tx.each(call.account.id, "terminal.reader", where={"location": location["id"]}), None):
        raise invalid(
            f"Location {location['id']} still has readers registered to it. Delete or re-register them first."
        )
    return call.remove(location, keep_stub=True)


def _country_of(address: Document | None) -> str:
    """The country of a new address.  Raises ApiError 400 for none, and for one that Terminal does not know."""
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
    return country


def _check_country(call: Call, country: str) -> None:
    """Japan has addresses and names of its own, and nobody else has them."""
    params = call.params
    if country == "JP":
        if "address" in params:
            raise invalid("Locations in Japan take address_kana or address_kanji, not address.", param="address")
        for name in JAPANESE:
            if (params.get(name) or {}).get("country", "JP").upper() != "JP":
                raise invalid(f"{name} is for addresses in Japan only.", param=f"{name}[country]")
        return
    for name in (*JAPANESE, *JAPANESE_NAMES):
        if params.get(name):
            raise invalid(f"Only locations in Japan have {name}.", param=name)


def _check_members(address: Document) -> None:
    for name in _required(address["country"]):
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


def _check_names(location: Document) -> None:
    """Outside Japan a location has a display name; in Japan any one of the three will do."""
    needed = NAMES if location["address"]["country"] == "JP" else NAMES[:1]
    if not any(location.get(name) for name in needed):
        raise _missing("display_name")


def _check_configuration(call: Call) -> None:
    name = call.params.get("configuration_overrides")
    if name:
        configuration = call.fetch("terminal.configuration", name, param="configuration_overrides")
        if configuration["is_account_default"]:
            raise invalid(
                "The account's default configuration cannot be assigned to a location: it holds where nothing else is "
                "assigned.",
                param="configuration_overrides",
            )


def _settled(location: Document) -> Document:
    for name in JAPANESE:
        if location.get(name):
            location[name]["country"] = "JP"
    kept = {name: value for name, value in location.items() if name not in OPTIONAL or value is not None}
    return complete(KIND, kept)


def _missing(param: str) -> ApiError:
    return invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)
