"""Kernel 2's mag-stripe mode: the card computes a code for one use, and the reader writes it into a track (F.3)."""

from __future__ import annotations

from countertop.emv import cvm
from countertop.emv.apdu import Command, Response
from countertop.emv.bits import AIP
from countertop.emv.dol import build, parse_dol
from countertop.emv.dynamic_track import DynamicTrackError, Places, filled
from countertop.emv.kernel import reading
from countertop.emv.kernel.contactless import online
from countertop.emv.kernel.contactless.limits import exceeds, refuse_over_limit
from countertop.emv.kernel.events import Ended, Note, Outcome, Steps
from countertop.emv.kernel.responses import ResponseError, objects_in
from countertop.emv.kernel.terminal import Contactless
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tlv import TlvError

TRACK_2, PCVC3, PUNATC, NATC, UDOL, CVC3, ATC = 0x9F6B, 0x9F65, 0x9F66, 0x9F67, 0x9F69, 0x9F61, 0x9F36
MANDATORY = (TRACK_2, PCVC3, PUNATC, NATC)
DEFAULT_UDOL = bytes.fromhex("9F6A04")
CONTACTLESS_STRIPE = b"\x91"
ONLINE_PIN_BIT = 0x40
NOBODY, SIGNED = bytes((cvm.NO_CVM, 0, 2)), bytes((cvm.SIGNATURE, 0, 0))
# POS cardholder interaction information, byte 2: the device wants its holder first, or has verified him.
PIN_ON_DEVICE_WANTED, PIN_ON_DEVICE_DONE = 0x03, 0x10


def run(t: Transaction, settings: Contactless) -> Steps[Outcome]:
    """After GET PROCESSING OPTIONS: the track, its code, and the issuer; there is no approval without one."""
    t.data[0x9F39] = CONTACTLESS_STRIPE
    yield Note("decision", "mode", "mag-stripe", "the card does not know M/Chip")
    yield from reading.read_records(t, MANDATORY, frozenset((PUNATC,)))
    device = AIP.ON_DEVICE_CV in t.aip
    refuse_over_limit(t, settings, device=device)
    places = Places(*(int.from_bytes(t.data[tag], "big") for tag in (PCVC3, PUNATC, NATC)))
    try:
        count = places.un_digits
        number = _drawn(t, count)
        t.data[0x9F6A] = number
        data = build(parse_dol(t.data.get(UDOL, DEFAULT_UDOL)), t.values())
    except (DynamicTrackError, TlvError) as error:
        raise Ended("terminated", "card_error", f"The card's track cannot be filled: {error}.") from None
    yield Note("step", "card action analysis")
    command = Command(0x80, 0x2A, 0x8E, 0x80, data, le=256)
    response = yield from t.exchange(command, "COMPUTE CRYPTOGRAPHIC CHECKSUM")
    device = _take_in(t, places, number, response)
    yield from _verify(t, settings, device=device)
    return (yield from online.go_online(t))


def _drawn(t: Transaction, count: int) -> bytes:
    """The unpredictable number: so many digits, zeros before them, packed in 4 bytes."""
    digits = f"{int.from_bytes(t.request.draw(8), 'big'):020d}"[-count:] if count else ""
    return bytes.fromhex(digits.rjust(8, "0"))


def _take_in(t: Transaction, places: Places, number: bytes, response: Response) -> bool:
    """Write the code into the track.  Returns whether the device verified its holder; raises Ended for nonsense."""
    try:
        objects = objects_in(response)
        if len(objects.get(CVC3, b"")) != 2 or len(objects.get(ATC, b"")) != 2:
            raise ResponseError("its code or its counter is missing or malformed")
        t.data[TRACK_2] = filled(t.data[TRACK_2], places, number, objects[ATC], objects[CVC3])
    except (ResponseError, DynamicTrackError) as error:
        raise Ended("terminated", "card_error", f"COMPUTE CRYPTOGRAPHIC CHECKSUM: {error}.") from None
    t.data[ATC] = objects[ATC]
    told = objects.get(0xDF4B, bytes(3))
    if len(told) == 3 and told[1] & PIN_ON_DEVICE_WANTED:
        raise Ended("see_phone", "see_phone", "The device wants something of its holder first.")
    return len(told) == 3 and bool(told[1] & PIN_ON_DEVICE_DONE)


def _verify(t: Transaction, settings: Contactless, *, device: bool) -> Steps[None]:
    yield Note("step", "cardholder verification")
    if device:
        t.data[0x9F34], result, why = bytes((1, 0, 2)), "done by the device", "the phone or watch verified its holder"
    elif not exceeds(t.request.amount, settings.no_cvm_up_to):
        t.data[0x9F34], result, why = NOBODY, "none", "the amount asks for none"
    elif t.terminal.air_cvms & ONLINE_PIN_BIT:
        t.pin_due = True
        t.data[0x9F34], result, why = online.ONLINE_PIN, "online PIN", "the amount asks for one"
    else:
        t.data[0x9F34], result, why = SIGNED, "signature", "the amount asks for one, and nothing else is there"
    yield Note("decision", "CVM", result, why)
