"""Readers on the counter: what they are, and what they show."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from countertop.errors import ConfigurationError
from countertop.server.control.ask import Ask, NotFound
from countertop.server.control.bodies import Unboxing
from countertop.services.terminal.pairing import DIRECTORY

if TYPE_CHECKING:
    from countertop.bench import Bench

KIND, LOCATION = "terminal.reader", "terminal.location"
MOST_NAMED = 500
"""As many as a page has."""


def listed(ask: Ask) -> list[dict[str, Any]]:
    """GET readers: every device, registered or not, oldest first; or ``limit`` of them, from the one ``after``; or
    those whose serials ``only`` names, with commas between them, as far as they are still there."""
    bench = ask.bench
    if (only := ask.query.get("only", "")) != "":
        wanted = only.split(",")[:MOST_NAMED]
        return bench.transact(
            lambda tx: [_view(bench, tx, one) for one in wanted if bench.devices.describe(tx, one) is not None]
        )
    limit = ask.query.get("limit", "")
    after = ask.query.get("after", "")

    def look(tx: Any) -> list[dict[str, Any]]:
        serials = bench.devices.serials(tx)[::-1]
        if after:
            if after not in serials:
                raise NotFound(f"There is no device {after[:60]!r} to go on from.", "Begin again without `after`.")
            serials = serials[serials.index(after) + 1 :]
        if limit:
            if not (limit.isascii() and limit.isdigit() and len(limit) < 10) or int(limit) < 1:
                raise ConfigurationError(f"limit={limit[:20]} is no page size.", "Use a whole number from 1 on.")
            serials = serials[: int(limit)]
        return [_view(bench, tx, serial) for serial in serials]

    return bench.transact(look)


def show(ask: Ask) -> dict[str, Any]:
    """GET readers/{reader}: by ``tmr_`` id or serial number."""
    return seen(ask, serial_of(ask))


def action(ask: Ask) -> dict[str, Any]:
    """GET readers/{reader}/action: its whole action as the API has it, or null, without a call to the API: that would
    be in the request log, and meet the faults that are armed for somebody else."""
    bench, serial = ask.bench, serial_of(ask)

    def look(tx: Any) -> Any:
        entry = tx.get("", DIRECTORY, serial)
        reader = None if entry is None else tx.get(entry["account"], KIND, entry["reader"])
        return None if reader is None else reader["action"]

    return {"action": bench.transact(look)}


def locations(ask: Ask) -> list[dict[str, Any]]:
    """GET locations: the names of all accounts' locations: ``{id, display_name, key}``."""
    found: list[dict[str, Any]] = []

    def look(tx: Any) -> None:
        for account in ask.bench.world.accounts:
            key = None if account.suffix is None else f"sk_test_{account.suffix}"
            for name, body in tx.each(account.id, LOCATION):
                found.append({"id": name, "display_name": orjson.loads(body)["display_name"], "key": key})

    ask.bench.transact(look)
    return found


def unbox(ask: Ask) -> dict[str, Any]:
    """POST devices: no time passes for its boot, so that the answer has the pairing code."""
    body = ask.model(Unboxing)
    bench = ask.bench
    serial = bench.transact(lambda tx: bench.devices.unbox(tx, body.model, body.country, at_once=True))
    return seen(ask, serial)


def serial_of(ask: Ask) -> str:
    """The serial of the reader that the path names.  Raises NotFound."""
    name = ask.names["reader"]

    def look(tx: Any) -> str | None:
        if not name.startswith("tmr_"):
            return name if bench.devices.describe(tx, name) is not None else None
        for serial, _ in tx.each("", DIRECTORY, where={"reader": name}):
            return str(serial)
        return None

    bench = ask.bench
    serial = bench.transact(look)
    if serial is None:
        raise NotFound(f"There is no reader {name[:60]!r}.", "GET readers lists them.")
    return serial


def registered_as(bench: Bench, serial: str) -> str:
    """The ``tmr_`` id of a device.  Raises NotFound for one that is not registered."""
    entry = bench.transact(lambda tx: tx.get("", DIRECTORY, serial))
    if entry is None:
        raise NotFound(f"The device {serial} is not registered.", "POST /v1/terminal/readers with its pairing code.")
    return str(entry["reader"])


def seen(ask: Ask, serial: str) -> dict[str, Any]:
    """A reader as every answer about one shows it."""
    return ask.bench.transact(lambda tx: _view(ask.bench, tx, serial))


# --- inner ------------------------------------------------------------------------------------------------------


def _view(bench: Bench, tx: Any, serial: str) -> dict[str, Any]:
    state = bench.devices.state(tx, serial)
    screen = bench.devices.screen(tx, serial)
    battery = bench.devices.battery(tx, serial)
    device = bench.devices.describe(tx, serial)
    attachment = bench.devices.attachment(serial)
    view: dict[str, Any] = {
        "id": None,
        "serial": serial,
        "label": None,
        "account": None,
        "key": None,
        "location": None,
        "device_type": None,
        "sku": state.sku,
        "simulated": state.simulated,
        "status": None,
        "last_seen_at": None,
        "state": state.phase,
        "card_in_slot": state.card_in_slot,
        "attached": None if attachment is None else attachment.device,
        "faults": list(state.faults),
        "planned_faults": [{"at_ms": at_ms, "name": name, "on": on} for at_ms, name, on in state.plan],
        "battery": None if battery is None else asdict(battery),
        "software": None if device is None else device.software,
        "point_of_sale": state.pos,
        "pairing_code": state.code,
        "action": None,
        "signals": bench.devices.signals(tx, serial).document(),
        "screen": {
            "prompt": screen.prompt,
            "title": screen.title,
            "text": screen.text,
            "buttons": screen.buttons,
            "captions": screen.captions,
        },
    }
    entry = tx.get("", DIRECTORY, serial)
    if device is not None:
        view["device_type"] = device.device_type
    if entry is not None:
        _add_registration(bench, tx, view, entry)
    return view


def _add_registration(bench: Bench, tx: Any, view: dict[str, Any], entry: dict[str, Any]) -> None:
    account = bench.world.accounts.by_id(entry["account"])
    reader = tx.get(entry["account"], KIND, entry["reader"])
    if account is None or reader is None:
        return
    finish = bench.world.services.finishers.get(KIND)
    if finish is not None:
        reader = finish(bench.world.scope(tx, account), reader)
    view["id"] = reader["id"]
    view["account"] = account.id
    view["key"] = None if account.suffix is None else f"sk_test_{account.suffix}"
    for name in ("label", "location", "status", "last_seen_at"):
        view[name] = reader[name]
    if reader["action"] is not None:
        names = ("type", "status", "failure_code", "failure_message")
        view["action"] = {name: reader["action"].get(name) for name in names}
