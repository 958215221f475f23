"""Configurations on their way to the devices: real ones take minutes, these hear at once (terminal.md §1.5)."""

from __future__ import annotations

from countertop.api.scope import Document, Scope
from countertop.gateway import Configured, Gateway
from countertop.services.terminal.pairing import DIRECTORY
from countertop.services.terminal.settings import MIDNIGHT, reboot_window, settings_of

READER = "terminal.reader"
SIMULATED = "simulated_"
FROM_THE_BOX = Configured(*MIDNIGHT)
"""What a device does that nobody has configured."""


def configured_for(scope: Scope, device_type: str, location: str | None) -> Configured:
    """What a device of this type hears at this location."""
    settings = settings_of(scope, location)
    start, end = reboot_window(settings)
    return Configured(start, end, (settings.get(_hash_of(device_type)) or {}).get("splashscreen"))


def tell_readers(gateway: Gateway, scope: Scope, location: str | None = None) -> None:
    """Tell the readers of a location, or of the whole account, what their configuration asks of them."""
    where = {} if location is None else {"location": location}
    said: dict[tuple[str, str | None], Configured] = {}
    for name, _ in list(scope.tx.each(scope.account.id, READER, where=where)):
        reader = scope.fetch(READER, name)
        place = (reader["device_type"], reader["location"])
        if place not in said:
            said[place] = configured_for(scope, *place)
        if _is_registered(scope, reader):
            gateway.to_device(scope.tx, reader["serial_number"], said[place])


def _is_registered(scope: Scope, reader: Document) -> bool:
    entry = scope.tx.get("", DIRECTORY, reader["serial_number"])
    return entry is not None and entry["reader"] == reader["id"]


def _hash_of(device_type: str) -> str:
    """The configuration's word for a reader's device type: lower case, and with the maker's name."""
    name = device_type.removeprefix(SIMULATED).lower()
    return f"bbpos_{name}" if name == "wisepos_e" else name
