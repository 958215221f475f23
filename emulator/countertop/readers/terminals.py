"""What a reader tells its kernel: the applications it takes, its capabilities, the transaction (card-hardware.md E)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from countertop.cards.distant import Allowed
from countertop.emv.capk import CapkStore
from countertop.emv.issuer_keys import pool
from countertop.emv.kernel import Contactless, Request, Terminal, TerminalApplication
from countertop.gateway.messages import MCC, ActionType, Cvm
from countertop.iso_codes import country_number, currency_number, packed
from countertop.money import decimals
from countertop.readers.contactless_limits import limits_for
from countertop.readers.models import Sku
from countertop.readers.state import DeviceState, Sale

# Smart readers always ask the issuer: attended, merchant's, online only.
KIND = 0x21
GOODS, REFUND = 0x00, 0x20
# Bits of 9F33 byte 2 that are left when a PIN is wanted.  A chip in the slot that knows only the issuer's may use that.
OFFLINE_PINS = 0x90
ONLINE_PIN = 0x40
ONLY = {"offline_pin": OFFLINE_PINS | ONLINE_PIN, "online_pin": ONLINE_PIN}
_TYPES: dict[ActionType, int] = {"refund_payment": REFUND}

# network · AID · contactless kernel · terminal action codes denial, online, default (as seen in the field, E.7).
_VISA = ("0010000000", "DC4004F800", "DC4000A800")
_MASTERCARD = ("0000000000", "FC50BCF800", "FC50BCA000")
_AMEX = ("0000000000", "DE00FC9800", "DC50FC9800")
_DISCOVER = ("0010000000", "FCE09CF800", "DC00002000")
APPLICATIONS: tuple[tuple[str, str, str, tuple[str, str, str]], ...] = (
    ("visa", "A0000000031010", "03", _VISA),
    ("visa", "A0000000032010", "03", _VISA),
    ("visa", "A0000000980840", "03", _VISA),
    ("mastercard", "A0000000041010", "02", _MASTERCARD),
    ("mastercard", "A0000000043060", "02", _MASTERCARD),
    ("mastercard", "A0000000042203", "02", _MASTERCARD),
    ("amex", "A00000002501", "04", _AMEX),
    ("discover", "A0000001523010", "06", _DISCOVER),
    ("discover", "A0000001524010", "06", _DISCOVER),
    ("jcb", "A0000000651010", "05", _DISCOVER),
    ("unionpay", "A000000333010101", "07", _VISA),
    ("unionpay", "A000000333010102", "07", _VISA),
    ("interac", "A0000002771010", "800124", _MASTERCARD),
    ("eftpos_au", "A00000038410", "800036", _MASTERCARD),
    ("eftpos_au", "A00000038420", "800036", _MASTERCARD),
    ("cartes_bancaires", "A0000000421010", "800250", _MASTERCARD),
    ("cartes_bancaires", "A0000000422010", "800250", _MASTERCARD),
    ("girocard", "A0000003591010028001", "800276", _MASTERCARD),
)
DOMESTIC = frozenset(("cartes_bancaires", "eftpos_au", "girocard", "interac"))
# Byte 2 of the capabilities over the air: online PIN, and no CVM; nobody signs any more.
AIR_ONLINE_PIN, AIR_NO_CVM = 0x40, 0x08
TRANSIT_MCCS = frozenset(("4111", "4131", "4784", "7523"))


def network_of(aid: bytes) -> str:
    """The network that an application runs on, in the API's words; ``unknown`` for one that is not in the table."""
    text = aid.hex().upper()
    return next((network for network, known, _, _ in APPLICATIONS if text.startswith(known)), "unknown")


def terminal_for(state: DeviceState, country: bytes, wanted: Cvm, *, offline_pin: bool = True) -> Terminal:
    """The kernel's settings on a device, for a chip in its slot.

    ``wanted``: the only kind of PIN to verify the cardholder by, or ``none``.  ``offline_pin``: whether the card may be
    sent a PIN at all.
    """
    terminal = _terminal(country)
    capabilities = terminal.capabilities
    if not offline_pin:
        capabilities = bytes((capabilities[0], capabilities[1] & ~OFFLINE_PINS, capabilities[2]))
    elif wanted in ONLY:
        capabilities = bytes((capabilities[0], ONLY[wanted], capabilities[2]))
    return replace(terminal, capabilities=capabilities, **_identity(state))


def contactless_terminal_for(state: DeviceState, sku: Sku, sale: Sale, country: bytes) -> Terminal:
    """The kernel's settings on a device, for a card over the air."""
    unknown = sku.model.input.unsupported_networks
    last = tuple(sorted(name for name in DOMESTIC if name in unknown or name not in sale.domestic_networks))
    chip_only = tuple(sku.model.input.chip_only_brands)
    terminal = _over_the_air(country, state.country, sale.currency, chip_only, online_pin=sku.pin == "online")
    return replace(
        terminal,
        prefer=_aids(tuple(name for name in sale.domestic_networks if name not in unknown)),
        avoid=_aids(last),
        **_identity(state),
    )


def reading_terminal(country: str, *, over_the_air: bool) -> Terminal:
    """The settings of a kernel that only reads what a card says."""
    number = packed(country_number(country))
    return _over_the_air(number, country, "usd", (), online_pin=True) if over_the_air else _terminal(number)


def careful(terminal: Terminal, allowed: Allowed) -> Terminal:
    """The same for a card that may be somebody's own: no PIN, no TC and no script, unless they are allowed."""
    first, cvms, last = terminal.capabilities
    return replace(
        terminal,
        capabilities=terminal.capabilities
        if allowed.pin
        else bytes((first, cvms & ~(OFFLINE_PINS | ONLINE_PIN), last)),
        air_cvms=terminal.air_cvms if allowed.pin else terminal.air_cvms & ~AIR_ONLINE_PIN,
        quick_chip=not allowed.tc,
        scripts=allowed.scripts,
    )


def _identity(state: DeviceState) -> dict[str, Any]:
    serial = "".join(letter for letter in state.serial if letter.isalnum())
    mcc = state.sale.mcc if state.sale is not None else MCC
    return {"serial": serial, "merchant": state.name, "merchant_category": mcc, "transit": mcc in TRANSIT_MCCS}


@cache
def _aids(networks: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(aid) for network, aid, _, _ in APPLICATIONS if network in networks)


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
        applications=tuple(_application(aid, codes) for _, aid, _, codes in APPLICATIONS),
        keys=CapkStore(pool().ca_keys()),
        country=country,
        kind=KIND,
        # The card signs what goes to the issuer; after its answer the ARPC says enough, and the sale is faster.
        sign_second=False,
    )


@cache
def _over_the_air(
    country: bytes, country_code: str, currency: str, chip_only: tuple[str, ...], *, online_pin: bool
) -> Terminal:
    """Where the PIN needs the chip, a card is taken up to the amount that asks for none; a phone needs no PIN."""
    applications = []
    for network, aid, kernel, codes in APPLICATIONS:
        air = None
        if network not in chip_only:
            limits = limits_for(country_code, currency, network)
            air = Contactless(
                kernel=bytes.fromhex(kernel),
                taps_up_to=None if online_pin and network != "interac" else limits.no_cvm_up_to,
                device_taps_up_to=limits.device_up_to,
                no_cvm_up_to=limits.no_cvm_up_to,
                stripe_mode=True,
            )
        applications.append(replace(_application(aid, codes), contactless=air))
    cvms = AIR_NO_CVM | (AIR_ONLINE_PIN if online_pin else 0)
    return replace(_terminal(country), applications=tuple(applications), air_cvms=cvms)


def _application(aid: str, codes: tuple[str, str, str]) -> TerminalApplication:
    denial, online, default = map(bytes.fromhex, codes)
    return TerminalApplication(bytes.fromhex(aid), tac_denial=denial, tac_online=online, tac_default=default)
