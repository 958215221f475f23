"""Kernels in which the answer to GET PROCESSING OPTIONS is the decision: kernels 3 (qVSDC), 6 and 7 (F.2).

There is no GENERATE AC.  The reader says what it wants in its transaction qualifiers (TTQ, 9F66), the card answers with
a cryptogram and with qualifiers of its own (CTQ, 9F6C); the TVR stays empty.
"""

from __future__ import annotations

from countertop.emv import cvm
from countertop.emv.bits import AAC, ARQC, CTQ, TC, TTQ, TYPE_MASK
from countertop.emv.certificates import CertificateError
from countertop.emv.data_authentication import verify_dynamic
from countertop.emv.kernel import authentication, reading
from countertop.emv.kernel.contactless import online
from countertop.emv.kernel.contactless.limits import REFUSALS, exceeds, refuse_over_limit
from countertop.emv.kernel.events import Ended, Note, Outcome, Steps
from countertop.emv.kernel.restrictions import is_expired, is_service_allowed
from countertop.emv.kernel.terminal import Contactless
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tags import TAGS

ONLINE_PIN_BIT, SIGNATURE_BIT = 0x40, 0x20
FDDA_V1 = 0x01
LENGTHS = {0x9F26: 8, 0x9F27: 1, 0x9F36: 2}
# 9F34, for the receipt: kernel 3 has no such object of its own.
NOBODY, BY_DEVICE = bytes((cvm.NO_CVM, 0, 2)), bytes((0x01, 0, 2))
SIGNED = bytes((cvm.SIGNATURE, 0, 0))


def run(t: Transaction, settings: Contactless) -> Steps[Outcome | None]:
    """From GET PROCESSING OPTIONS to the outcome; None when another application is to be tried."""
    ttq = _qualifiers(t, settings)
    t.data[0x9F66] = ttq.encoded
    response = yield from reading.ask_options(t, REFUSALS)
    if response is None:
        return None
    _take_in(t, reading.options(response))
    if t.afl:
        yield from reading.read_records(t, mandatory=())
    _demand_track(t)
    reading.check_identity(t)
    ctq = CTQ(int.from_bytes(t.data.get(0x9F6C, bytes(2))[:2], "big"))
    refuse_over_limit(t, settings, device=CTQ.CONSUMER_DEVICE_CVM in ctq)
    given = t.data[0x9F27][0] & TYPE_MASK
    if given != AAC:
        given = yield from _restricted(t, ctq, given)
        given = yield from _authenticated(t, ttq, ctq, given)
    if given == AAC:
        return online.decline(t, "declined_by_card", "The card declined.")
    yield from _verify(t, ttq, ctq)
    if given == TC and not (t.pin_due or t.terminal.online_only):
        return (yield from online.approve(t))
    return (yield from online.go_online(t))


def _qualifiers(t: Transaction, settings: Contactless) -> TTQ:
    """What this reader can do and wants of this transaction."""
    amount, cvms = t.request.amount, t.terminal.air_cvms
    ttq = TTQ.QVSDC | TTQ.CONSUMER_DEVICE_CVM | TTQ.FDDA_V1
    for holds, bit in (
        (t.terminal.capabilities[0] & 0x20, TTQ.CONTACT_CHIP),
        (t.terminal.offline_only, TTQ.OFFLINE_ONLY),
        (cvms & ONLINE_PIN_BIT, TTQ.ONLINE_PIN),
        (cvms & SIGNATURE_BIT, TTQ.SIGNATURE),
        (t.terminal.online_only or amount > settings.floor_limit, TTQ.ONLINE_CRYPTOGRAM_REQUIRED),
        (exceeds(amount, settings.no_cvm_up_to), TTQ.CVM_REQUIRED),
        (t.terminal.transit, TTQ.TRANSIT),
    ):
        ttq |= bit if holds else TTQ(0)
    return ttq


def _take_in(t: Transaction, objects: dict[int, bytes]) -> None:
    """Keep what the card said; raises Ended for an answer without a whole cryptogram."""
    for tag, value in objects.items():
        known = TAGS.get(tag)
        if known is None or "C" in known.source:
            reading.check(tag, value)
            t.data[tag] = value
    t.afl = t.data.pop(0x94, b"")
    for tag, length in LENGTHS.items():
        if len(t.data.get(tag, b"")) != length:
            raise Ended("terminated", "card_error", "The card's answer has no whole cryptogram.")
    t.data[0x9F10] = t.data.get(0x9F10, b"")[:32]
    if t.data[0x9F27][0] & TYPE_MASK not in (AAC, ARQC, TC):
        raise Ended("terminated", "card_error", "The card's cryptogram is of no known type.")


def _demand_track(t: Transaction) -> None:
    """PAN and expiry, which may stand in the track only."""
    track = t.data.get(0x57, b"").hex().upper()
    pan, _, rest = track.partition("D")
    if 0x5A not in t.data and not (pan.isdigit() and len(pan) >= 8):
        raise Ended("terminated", "card_error", "The card tells no PAN.")
    if 0x5F24 not in t.data:
        if not (rest[:4].isdigit() and 1 <= int(rest[2:4]) <= 12):
            raise Ended("terminated", "card_error", "The card tells no expiry.")
        # The last day that every month has; only the month counts.
        t.data[0x5F24] = bytes.fromhex(rest[:4] + "28")


def _restricted(t: Transaction, ctq: CTQ, given: int) -> Steps[int]:
    """Exception file, usage control, expiry: what the reader itself finds against the card."""
    yield Note("step", "processing restrictions")
    if t.pan in t.request.exceptions:
        yield Note("decision", "exception file", "listed", "this card is not to be served")
        return AAC
    if not is_service_allowed(t):
        yield Note("decision", "usage control", "not allowed", "the card is not for this kind of service here")
        return AAC
    if given == TC and is_expired(t):
        online_instead = CTQ.ONLINE_IF_EXPIRED in ctq and not t.terminal.offline_only
        yield Note("decision", "dates", "expired", "the issuer decides" if online_instead else "so it is declined")
        return ARQC if online_instead else AAC
    return given


def _authenticated(t: Transaction, ttq: TTQ, ctq: CTQ, given: int) -> Steps[int]:
    """Fast DDA, of an approval offline always, before going online where the reader said so."""
    if given == ARQC and not (TTQ.ODA_FOR_ONLINE in ttq and 0x9F4B in t.data):
        return given
    yield Note("step", "offline data authentication")
    try:
        _verify_signature(t, ctq)
    except CertificateError as error:
        yield Note("decision", "data authentication", "fDDA failed", str(error))
    else:
        yield Note("decision", "data authentication", "fDDA ok", "the card signed what the terminal drew")
        return given
    if given == ARQC:
        return given
    if CTQ.ONLINE_IF_ODA_FAILS in ctq and not t.terminal.offline_only:
        return ARQC
    if CTQ.SWITCH_IF_ODA_FAILS in ctq:
        raise Ended(
            "another_interface", "data_authentication_failed", "The card's signature is wrong; it says: insert."
        )
    return AAC


def _verify_signature(t: Transaction, ctq: CTQ) -> None:
    related = authentication.need(t, 0x9F69) if 0x9F69 in t.data else b""
    covered = t.data[0x9F37]
    if related[:1] == bytes((FDDA_V1,)):
        if related[5:7] != ctq.encoded:
            raise CertificateError("the qualifiers that it signed are not those that it sent")
        covered += t.data[0x9F02] + t.data[0x5F2A] + related
    number = verify_dynamic(authentication.card_key(t), authentication.need(t, 0x9F4B), covered)
    t.data[0x9F4C] = number


def _verify(t: Transaction, ttq: TTQ, ctq: CTQ) -> Steps[None]:
    """The cardholder, as the card's qualifiers say (card-hardware.md F.2)."""
    yield Note("step", "cardholder verification")
    required = TTQ.CVM_REQUIRED in ttq
    if CTQ.CONSUMER_DEVICE_CVM in ctq and _signed_qualifiers(t, ctq):
        t.data[0x9F34] = BY_DEVICE
        yield Note("decision", "CVM", "done by the device", "the phone or watch verified its holder")
    elif CTQ.ONLINE_PIN in ctq and TTQ.ONLINE_PIN in ttq:
        t.pin_due = True
        t.data[0x9F34] = online.ONLINE_PIN
        yield Note("decision", "CVM", "online PIN", "the card asks for it")
    elif not required:
        t.data[0x9F34] = NOBODY
        yield Note("decision", "CVM", "none", "the amount asks for none")
    elif TTQ.SIGNATURE in ttq and (CTQ.SIGNATURE in ctq or 0x9F6C not in t.data):
        t.data[0x9F34] = SIGNED
        yield Note("decision", "CVM", "signature", "the card asks for it")
    else:
        yield Note("decision", "CVM", "failed", "the amount asks for one, and the card knows none of this reader's")
        raise Ended("another_interface", "cvm_required", "The cardholder can be verified in the slot only.")


def _signed_qualifiers(t: Transaction, ctq: CTQ) -> bool:
    """Whether what the card signed of its qualifiers, if it did, is what it sent."""
    related = t.data.get(0x9F69, b"")
    return len(related) < 7 or related[5:7] == ctq.encoded
