"""What a reader tells its kernel: the applications it takes, its capabilities, the transaction (card-hardware.md E)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from countertop.emv.capk import CapkStore
from countertop.emv.issuer_keys import pool
from countertop.emv.kernel import Request, Terminal, TerminalApplication
from countertop.gateway.messages import ActionType, Cvm
from countertop.iso_codes import currency_number, packed
from countertop.money import decimals
from countertop.readers.state import DeviceState, Sale

# Smart readers always ask the issuer: attended, merchant's, online only.
KIND = 0x21
GOODS, REFUND = 0x00, 0x20
# Bits of 9F33 byte 2 that are left when a certain PIN is wanted.
ONLY = {"offline_pin": 0x90, "online_pin": 0x40}
_TYPES: dict[ActionType, int] = {"refund_payment": REFUND}

# network · AID · terminal action codes denial, online, default (as seen in the field, E.7).
_VISA = ("0010000000", "DC4004F800", "DC4000A800")
_MASTERCARD = ("0000000000", "FC50BCF800", "FC50BCA000")
_AMEX = ("0000000000", "DE00FC9800", "DC50FC9800")
_DISCOVER = ("0010000000", "FCE09CF800", "DC00002000")
APPLICATIONS: tuple[tuple[str, str, tuple[str, str, str]], ...] = (
    ("visa", "A0000000031010", _VISA),
    ("visa", "A0000000032010", _VISA),
    ("visa", "A0000000980840", _VISA),
    ("mastercard", "A0000000041010", _MASTERCARD),
    ("mastercard", "A0000000043060", _MASTERCARD),
    ("mastercard", "A0000000042203", _MASTERCARD),
    ("amex", "A00000002501", _AMEX),
    ("discover", "A0000001523010", _DISCOVER),
    ("discover", "A0000001524010", _DISCOVER),
    ("jcb", "A0000000651010", _DISCOVER),
    ("unionpay", "A000000333010101", _VISA),
    ("unionpay", "A000000333010102", _VISA),
    ("interac", "A0000002771010", _MASTERCARD),
    ("eftpos_au", "A00000038410", _MASTERCARD),
    ("eftpos_au", "A00000038420", _MASTERCARD),
    ("cartes_bancaires", "A0000000421010", _MASTERCARD),
    ("cartes_bancaires", "A0000000422010", _MASTERCARD),
    ("girocard", "A0000003591010028001", _MASTERCARD),
)


def network_of(aid: bytes) -> str:
    """The network that an application runs on, in the API's words; ``unknown`` for one that is not in the table."""
    text = aid.hex().upper()
    return next((network for network, known, _ in APPLICATIONS if text.startswith(known)), "unknown")


def terminal_for(state: DeviceState, country: bytes, wanted: Cvm, *, offline_pin: bool = True) -> Terminal:
    """The kernel's settings on a device.

    ``wanted``: the only kind of PIN to verify the cardholder by, or ``none``.  ``offline_pin``: whether the card may be
    sent a PIN at all.
    """
    terminal = _terminal(country)
    capabilities = terminal.capabilities
    if not offline_pin:
        capabilities = bytes((capabilities[0], capabilities[1] & ~ONLY["offline_pin"], capabilities[2]))
    elif wanted in ONLY:
        capabilities = bytes((capabilities[0], ONLY[wanted], capabilities[2]))
    serial = "".join(letter for letter in state.serial if letter.isalnum())
    return replace(terminal, capabilities=capabilities, serial=serial, merchant=state.name)


def request_for(sale: Sale, sequence: int, now_ms: int, draw: Callable[[int], bytes]) -> Request:
    """The transaction of a sale."""
    day = time.gmtime(now_ms // 1000)
    return Request(
        amount=sale.total,
        currency=packed(currency_number(sale.currency)),
        exponent=decimals(sale.currency),
        date=time.strftime("%y%m%d", day),
        time=time.strftime("%H%M%S", day),
        type=_TYPES.get(sale.type, GOODS),
        sequence=sequence,
        draw=draw,
    )


@cache
def _terminal(country: bytes) -> Terminal:
    return Terminal(
        applications=tuple(
            TerminalApplication(
                bytes.fromhex(aid),
                tac_denial=bytes.fromhex(denial),
                tac_online=bytes.fromhex(online),
                tac_default=bytes.fromhex(default),
            )
            for _, aid, (denial, online, default) in APPLICATIONS
        ),
        keys=CapkStore(pool().ca_keys()),
        country=country,
        kind=KIND,
        # The card signs what goes to the issuer; after its answer the ARPC says enough, and the sale is faster.
        sign_second=False,
    )
