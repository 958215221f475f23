"""A virtual USB device under its driver, and devices that misbehave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from countertop_drivers.ccid.driver import CcidLink, open_url
from countertop_drivers.ccid.reader import Limits
from countertop_drivers.loop import LoopLink
from countertop_drivers.virtual.ccid import BULK_IN, VirtualCcid
from countertop_drivers.virtual.usb_backend import virtual_backend

T0_ATR = bytes.fromhex("3B65000020 63CB6800".replace(" ", ""))
T1_ATR = bytes.fromhex("3BE500008131FE4520 63CB68000E".replace(" ", ""))
ATS = bytes.fromhex("0A788070028063544F50")
IMPATIENT = Limits(answer_s=0.05, longest_s=0.2, abort_s=0.05)
SELECT = bytes.fromhex("00A404000E315041592E5359532E444446303100")


def echo(apdu: bytes) -> bytes:
    """A card that answers as much as it is asked for: P1 P2 is how many bytes, beginning with the data it was given."""
    if apdu[1] == 0xC0:
        return b"\x69\x85"
    length = int.from_bytes(apdu[2:4], "big")
    body = apdu[5 : 5 + apdu[4]] if len(apdu) > 5 and apdu[4] else apdu[7 : 7 + int.from_bytes(apdu[5:7], "big")]
    return (body + bytes(range(256)) * (length // 256 + 1))[:length] + b"\x90\x00"


def card(atr: bytes = T0_ATR, answer: Callable[[bytes], bytes] = echo) -> LoopLink:
    """A card that is a function."""
    return LoopLink(atr, answer)


def link_to(device: Any, details: str = "usb", limits: Limits | None = None) -> CcidLink:
    """The driver, with the device under it."""
    return open_url(details, backend=virtual_backend(device), limits=limits)


class Spoilt(VirtualCcid):
    """A reader whose messages are changed on their way: ``spoil`` makes of each transfer what the host gets."""

    spoil: Callable[[bytes], Sequence[bytes]] | None = None

    def put(self, endpoint: int, data: bytes) -> None:
        """Queue what becomes of it."""
        spoil = self.spoil if endpoint == BULK_IN else None
        for piece in [data] if spoil is None else spoil(data):
            super().put(endpoint, piece)
