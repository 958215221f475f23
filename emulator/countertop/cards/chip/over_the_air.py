"""A card at a contactless reader: its one answer, or the code that it puts into a track (card-hardware.md F.2, F.3)."""

from __future__ import annotations

from countertop.cards.chip import risk
from countertop.cards.chip.air_files import stripe_mode_track
from countertop.cards.chip.cryptograms import make_cryptogram, remember
from countertop.cards.chip.files import CERTIFICATE_FILE, locator_entry
from countertop.cards.chip.image import ApplicationImage
from countertop.cards.chip.initiation import CONDITIONS, DYNAMIC_NUMBER_BYTES, begin, split_exactly
from countertop.cards.chip.memory import Memory, Refused
from countertop.emv import tlv
from countertop.emv.apdu import OK, Command, Response
from countertop.emv.bits import ARQC, CTQ, TC, TTQ
from countertop.emv.cvv import cvc3
from countertop.emv.data_authentication import sign_dynamic
from countertop.emv.dol import parse_dol

INSERT_ME, SEE_DEVICE = 0x6984, 0x6986
UDOL = parse_dol(bytes.fromhex("9F6A04"))
FDDA_V1 = b"\x01"
# Where the object stands that a signature covers and a reader needs to check it.
RELATED_RECORD = (CERTIFICATE_FILE + 1, 1)
# Gates take phones whose holder they do not know (card-hardware.md F.5).
TRANSIT_MCCS = frozenset(("4111", "4131", "4784", "7523"))


def get_processing_options(memory: Memory, command: Command) -> Response:
    """Begin a transaction over the air; where GENERATE AC is not asked for, the answer is the decision."""
    application = memory.selected()
    air = application.profile.air
    assert air is not None, "only applications with a profile for it are there over the air"
    begin(memory, command, lambda: _demand_willing(memory, application))
    aip = memory.aip(application).encoded
    if air.style == "options":
        return Response(tlv.make(0x77, tlv.join(_decision(memory, application, aip))), OK)
    return Response(tlv.make(0x77, tlv.join([(0x82, aip), (0x94, application.afl)])), OK)


def compute_checksum(memory: Memory, command: Command) -> Response:
    """COMPUTE CRYPTOGRAPHIC CHECKSUM: the code for the track; once in a transaction."""
    application, session = memory.initiated(), memory.session
    air = application.profile.air
    if air is None or air.style != "stripe" or session.first is not None:
        raise Refused(CONDITIONS)
    told = split_exactly(UDOL, command.data)
    session.first = ARQC
    track = stripe_mode_track(memory.image.profile, application.profile, memory.image.year)
    code = int(cvc3(application.keys.cvc3, track, told[0x9F6A], memory.atc))
    if "wrong_arqc" in memory.faults:
        code ^= 1
    return Response(tlv.make(0x77, tlv.join([(0x9F61, code.to_bytes(2, "big")), (0x9F36, memory.atc)])), OK)


def _demand_willing(memory: Memory, application: ApplicationImage) -> None:
    """Raises Refused for a device that wants its holder first, and for a card that wants to be inserted."""
    air, values = application.profile.air, memory.session.values
    assert air is not None, "only applications with a profile for it are there over the air"
    if memory.holder == "locked" or (memory.holder == "express" and not _is_gate(values)):
        raise Refused(SEE_DEVICE)
    if air.chip_only or (air.in_a_row is not None and memory.state.taps >= air.in_a_row):
        raise Refused(INSERT_ME)
    if air.style == "options" and _qualifiers(memory, application) is None:
        raise Refused(INSERT_ME)


def _is_gate(values: dict[int, bytes]) -> bool:
    return TTQ.TRANSIT in _ttq(values) or values.get(0x9F15, b"").hex() in TRANSIT_MCCS


def _ttq(values: dict[int, bytes]) -> TTQ:
    return TTQ(int.from_bytes(values.get(0x9F66, bytes(4)), "big"))


def _qualifiers(memory: Memory, application: ApplicationImage) -> CTQ | None:
    """How the holder is to be verified; None when this reader knows no way that the card has."""
    air, ttq = application.profile.air, _ttq(memory.session.values)
    assert air is not None, "only applications with a profile for it are there over the air"
    ctq = CTQ.ONLINE_IF_ODA_FAILS | CTQ.ONLINE_IF_EXPIRED
    if memory.holder == "verified":
        return ctq | CTQ.CONSUMER_DEVICE_CVM
    if memory.holder == "express" or not (air.pin_always or TTQ.CVM_REQUIRED in ttq):
        return ctq
    if air.online_pin and TTQ.ONLINE_PIN in ttq:
        return ctq | CTQ.ONLINE_PIN
    if air.signature and not air.pin_always and TTQ.SIGNATURE in ttq:
        return ctq | CTQ.SIGNATURE
    return None


def _decision(memory: Memory, application: ApplicationImage, aip: bytes) -> list[tuple[int, bytes]]:
    """The objects of the one answer: track, cryptogram, qualifiers, and a signature where the reader checks one."""
    session, ttq, ctq = memory.session, _ttq(memory.session.values), _qualifiers(memory, application)
    assert ctq is not None, "the card was asked whether it is willing"
    signs = application.keys.icc is not None and application.profile.auth != "none"
    # A PIN for the issuer takes the issuer.
    asked = ARQC if TTQ.ONLINE_CRYPTOGRAM_REQUIRED in ttq or CTQ.ONLINE_PIN in ctq or not signs else TC
    session.first = given = risk.first_answer(memory, asked)
    signed = signs and (given == TC or (given == ARQC and TTQ.ODA_FOR_ONLINE in ttq))
    session.signed_first = signed
    number = memory.random(DYNAMIC_NUMBER_BYTES)
    ac, iad = make_cryptogram(memory, application, number)
    remember(memory, given)
    psn = bytes.fromhex(f"{memory.image.profile.psn:02d}")
    objects = [(0x82, aip)]
    if signed:
        objects.append((0x94, application.afl + locator_entry(*RELATED_RECORD)))
    objects += [(0x57, application.track_2), (0x5F34, psn), (0x9F10, iad), (0x9F26, ac), (0x9F27, bytes((given,)))]
    objects += [(0x9F36, memory.atc), (0x9F6C, ctq.encoded), *memory.image.profile.device_objects]
    if signed:
        objects.append((0x9F4B, _signature(memory, application, ctq, number)))
    return objects


def _signature(memory: Memory, application: ApplicationImage, ctq: CTQ, number: bytes) -> bytes:
    """Fast DDA of version 1; the object that goes with it stands in a record of this transaction."""
    key, values = application.keys.icc, memory.session.values
    assert key is not None, "a card that signs has a key"
    related = FDDA_V1 + memory.random(4) + ctq.encoded
    memory.session.records[RELATED_RECORD] = tlv.make(0x70, tlv.make(0x9F69, related))
    told = values.get(0x9F37, bytes(4)) + values.get(0x9F02, bytes(6)) + values.get(0x5F2A, bytes(2))
    return sign_dynamic(key, number, told + related)
