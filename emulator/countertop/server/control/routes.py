"""The control API's table of routes."""

from __future__ import annotations

from typing import Final

from countertop.server.control import (
    accounts,
    attachment,
    deliveries,
    faults,
    hands,
    hosts,
    issuing,
    readers,
    sales,
    shelves,
    traces,
    world,
)
from countertop.server.control.ask import Handler

ROUTES: Final[dict[tuple[str, str], Handler]] = {
    ("GET", ""): world.info,
    ("GET", "ca.pem"): world.authority,
    ("GET", "clock"): world.show_clock,
    ("POST", "clock"): world.change_clock,
    ("POST", "reset"): world.reset,
    ("GET", "snapshot"): world.snapshot,
    ("POST", "restore"): world.restore,
    ("POST", "load"): world.load,
    ("GET", "accounts"): accounts.listed,
    ("POST", "accounts"): accounts.declare,
    ("GET", "accounts/{key}"): accounts.show,
    ("POST", "accounts/{key}"): accounts.configure,
    ("GET", "accounts/{key}/issuing"): issuing.show,
    ("POST", "accounts/{key}/issuing"): issuing.configure,
    ("GET", "accounts/{key}/issuing/decisions"): issuing.decisions,
    ("POST", "accounts/{key}/cardholders/{cardholder}/list"): issuing.put_on_list,
    ("GET", "faults"): faults.listed,
    ("POST", "faults"): faults.arm,
    ("DELETE", "faults"): faults.clear,
    ("GET", "readers"): readers.listed,
    ("GET", "readers/{reader}"): readers.show,
    ("POST", "readers/{reader}/present"): hands.present,
    ("POST", "readers/{reader}/remove"): hands.remove,
    ("POST", "readers/{reader}/press"): hands.press,
    ("POST", "readers/{reader}/pin"): hands.enter_pin,
    ("POST", "readers/{reader}/tip"): hands.choose_tip,
    ("POST", "readers/{reader}/input"): hands.enter,
    ("POST", "readers/{reader}/choose"): hands.choose,
    ("POST", "readers/{reader}/power"): hands.power,
    ("POST", "readers/{reader}/install"): hands.install,
    ("POST", "readers/{reader}/reboot"): hands.reboot,
    ("POST", "readers/{reader}/fault"): hands.fault,
    ("POST", "readers/{reader}/attach/card"): attachment.card,
    ("POST", "readers/{reader}/attach/answer"): attachment.answer,
    ("POST", "readers/{reader}/detach"): attachment.detach,
    ("GET", "attachments"): attachment.listed,
    ("GET", "readers/{reader}/action"): readers.action,
    ("GET", "locations"): readers.locations,
    ("GET", "readers/{reader}/sales"): sales.of_reader,
    ("GET", "sales"): sales.by_reader,
    ("GET", "models"): shelves.models,
    ("GET", "reader_faults"): shelves.faults,
    ("GET", "cards"): shelves.cards,
    ("POST", "devices"): readers.unbox,
    ("GET", "traces/{trace}"): traces.show,
    ("GET", "hosts"): hosts.listed,
    ("POST", "hosts/{host}"): hosts.change,
    ("POST", "cards/{card}/script"): hosts.send_script,
    ("POST", "cards/{card}/tokens"): issuing.provision,
    ("GET", "cards/{card}/printed/{side}"): issuing.printed,
    ("GET", "deliveries"): deliveries.listed,
    ("GET", "deliveries/{delivery}"): deliveries.show,
    ("POST", "deliveries/{delivery}/resend"): deliveries.resend,
}


def find(method: str, path: str) -> tuple[Handler, dict[str, str]] | int:
    """The handler of a path and the names in it, or the status that says why there is none (404, 405)."""
    parts = path.split("/")
    known = False
    for (verb, pattern), handler in ROUTES.items():
        names = _match(pattern.split("/"), parts)
        if names is None:
            continue
        if verb == method:
            return handler, names
        known = True
    return 405 if known else 404


def known_routes() -> str:
    """Every route, for whoever asked for another."""
    return ", ".join(f"{verb} {pattern}".rstrip() for verb, pattern in ROUTES)


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    names = {}
    for expected, part in zip(pattern, parts, strict=True):
        if expected.startswith("{") and part:
            names[expected[1:-1]] = part
        elif expected != part:
            return None
    return names
