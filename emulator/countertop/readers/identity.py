"""What makes one device different from the next: serial, address, registration code.

All from the bench's ids.
"""

from __future__ import annotations

from countertop.errors import ReaderError
from countertop.ids import IdSource
from countertop.readers.models import Sku
from countertop.readers.ports import Context
from countertop.readers.state import KIND, DeviceState
from countertop.readers.words import WORDS
from countertop.readers.zones import UTC_OFFSET_MINUTES

LETTERS_AND_DIGITS = tuple("0123456789abcdefghijklmnopqrstuvwxyz")
CODE_WORDS = 3
MOST_DRAWS = 50


def registration_code(ids: IdSource) -> str:
    """Three words with hyphens between them, as real devices show."""
    return "-".join(ids.pick(WORDS) for _ in range(CODE_WORDS))


def fill(mask: str, ids: IdSource) -> str:
    """A mask with its places filled: ``#`` by a digit, ``?`` by a lower-case letter or digit."""
    return "".join(
        ids.digits(1) if sign == "#" else ids.pick(LETTERS_AND_DIGITS) if sign == "?" else sign for sign in mask
    )


def new_device(tx: Context, sku: Sku, country: str, ids: IdSource, now: int, *, simulated: bool) -> DeviceState:
    """A device with a serial of its own; a simulated one is up at once, a real one has yet to boot."""
    simulator = sku.model.simulated
    if simulated and simulator is not None:
        mask, address = simulator.serial, simulator.ip_address
    else:
        mask = sku.model.serial
        address = sku.model.network.address_mask.replace("###", str(2 + ids.below(253)))
    for _ in range(MOST_DRAWS):
        serial = fill(mask, ids)
        if tx.get("", KIND, serial) is None:
            break
    else:
        raise ReaderError(f"No free serial of the shape {mask} was found in {MOST_DRAWS} draws.")
    return DeviceState(
        serial=serial,
        sku=sku.name,
        simulated=simulated,
        country=country,
        ip_address=address,
        phase="idle" if simulated else "booting",
        created=now,
        charge_at_ms=now * 1000,
        booted_ms=now * 1000,
        utc_offset_minutes=UTC_OFFSET_MINUTES.get(country, 0),
    )
