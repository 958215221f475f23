"""The issuers' hosts: down or up, and what they send to their cards."""

from __future__ import annotations

from typing import Any

from countertop.server.control.ask import Ask
from countertop.server.control.bodies import HostState, Script


def listed(ask: Ask) -> list[dict[str, Any]]:
    """GET hosts"""
    network = ask.bench.world.network
    return ask.bench.transact(
        lambda tx: [{"name": name, "down": network.is_down(tx, name)} for name in network.host_names]
    )


def change(ask: Ask) -> dict[str, Any]:
    """POST hosts/{host}: while it is down the network stands in for it."""
    body, name = ask.model(HostState), ask.names["host"]
    ask.bench.issuer_down(body.down, name)
    return {"name": name, "down": body.down}


def send_script(ask: Ask) -> dict[str, Any]:
    """POST cards/{card}/script: it goes out with the card's next payment in a slot."""
    body, card = ask.model(Script), ask.names["card"]
    ask.bench.issuer_script(card, body.name, pin=body.pin)
    return {"card": card, "script": body.name}
