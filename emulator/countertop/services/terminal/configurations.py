"""Configurations: what readers show and do, for one location or for the whole account (terminal.md §1.5).

An account has had its default configuration from the start: it is written the first time that anybody asks about
configurations, before anything else is done, and so it is the oldest of them.
"""

from __future__ import annotations

from countertop.api.errors import invalid
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations
from countertop.api.shape import complete
from countertop.gateway import Gateway
from countertop.services.changes import merge, unset
from countertop.services.terminal.configuration_rules import check
from countertop.services.terminal.propagation import tell_readers
from countertop.services.terminal.settings import DEVICES, HASHES, KIND, default_id

COLLECTION = "/v1/terminal/configurations"
ONE = "/v1/terminal/configurations/{configuration}"


def operations(gateway: Gateway) -> Operations:
    """The operations of /v1/terminal/configurations."""
    return {
        f"POST {COLLECTION}": create,
        f"GET {COLLECTION}": list_configurations,
        f"GET {ONE}": retrieve,
        f"POST {ONE}": updater(gateway),
        f"DELETE {ONE}": deleter(gateway),
    }


def create(call: Call) -> Document:
    """POST /v1/terminal/configurations."""
    see_to_default(call)
    configuration = _settled(_blank(call, is_default=False) | unset(call.params))
    check(call, configuration)
    return call.save(configuration)


def list_configurations(call: Call) -> Listing:
    """GET /v1/terminal/configurations: by ``is_account_default``."""
    see_to_default(call)
    return list_objects(call, KIND, where=filters_of(call, "is_account_default"))


def retrieve(call: Call) -> Document:
    """GET /v1/terminal/configurations/{configuration}."""
    return call.fetch(KIND, call.path["configuration"], param="configuration", in_path=True)


def updater(gateway: Gateway) -> Handler:
    """POST /v1/terminal/configurations/{configuration}: what is not given stays; a hash given empty goes."""

    def update(call: Call) -> Document:
        before = retrieve(call)
        if call.params.get("wifi"):
            # Only the hash of the new type may be left.
            before.pop("wifi", None)
        after = _settled(merge(before, call.params))
        check(call, after)
        call.save(after)
        if any(before.get(name) != after.get(name) for name in (*DEVICES, "reboot_window")):
            tell_readers(gateway, call)
        return after

    return update


def deleter(gateway: Gateway) -> Handler:
    """DELETE /v1/terminal/configurations/{configuration}: its locations go back to the account's default."""

    def delete(call: Call) -> Document:
        configuration = retrieve(call)
        if configuration["is_account_default"]:
            raise invalid("The account's default configuration cannot be deleted.")
        mine = {"configuration_overrides": configuration["id"]}
        for name, _ in list(call.tx.each(call.account.id, "terminal.location", where=mine)):
            location = call.fetch("terminal.location", name)
            del location["configuration_overrides"]
            call.save(location)
            tell_readers(gateway, call, name)
        return call.remove(configuration)

    return delete


def see_to_default(call: Call) -> None:
    """Write the account's default configuration unless it is there already."""
    if default_id(call) is None:
        call.save(_blank(call, is_default=True))


def _blank(call: Call, *, is_default: bool) -> Document:
    return complete(
        KIND,
        {
            "id": call.new_id(KIND),
            "object": KIND,
            "is_account_default": is_default,
            "livemode": False,
            "name": None,
        },
    )


def _settled(configuration: Document) -> Document:
    """The document without what is not configured: hashes, and members of hashes, are absent until they are set."""
    settled = {name: value for name, value in configuration.items() if name not in HASHES}
    for name in HASHES:
        kept = _without_nulls(configuration.get(name))
        if kept:
            settled[name] = kept
    return complete(KIND, settled)


def _without_nulls(value: Document | None) -> Document:
    members = {
        name: _without_nulls(member) if isinstance(member, dict) else member
        for name, member in (value or {}).items()
        if member is not None
    }
    return {name: member for name, member in members.items() if member != {}}
