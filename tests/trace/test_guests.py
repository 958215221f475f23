"""What somebody's own card says: nothing of it tells who he is, or his number, not even by a detour."""

from __future__ import annotations

from countertop.emv.kernel import Silence, Transmit
from countertop.emv.tlv import make
from countertop.readers.trail import Trail
from countertop.trace.mask import Mask

CERTIFICATE = make(0x9F46, bytes(range(144)))
RECORD = make(0x70, make(0x5F20, b"DOE/JANE") + CERTIFICATE + make(0x93, bytes(64)) + make(0x9F32, b"\x03"))


def shown(data: bytes, *, guest: bool) -> str:
    return Mask((), guest=guest).response((data + b"\x90\x00").hex().upper())


def test_name_and_certificates_are_hidden_and_the_rest_is_not():
    text = shown(RECORD, guest=True)
    assert len(text) == 2 * len(RECORD) + 4
    assert b"DOE/JANE".hex().upper() not in text
    assert CERTIFICATE.hex().upper()[8:] not in text
    assert text.endswith("9F3201039000")
    assert "5F2008" + "*" * 16 in text
    assert shown(RECORD, guest=False) == (RECORD + b"\x90\x00").hex().upper(), (
        "of our own cards nothing is secret there"
    )


def test_half_a_response_shows_its_status_alone():
    text = shown(RECORD[:40], guest=True)
    assert text == "*" * 80 + "9000"


def said(trail: Trail, data: bytes = RECORD) -> None:
    trail.apdu(0, Transmit(bytes.fromhex("00B2010C00"), "READ RECORD"), data + b"\x90\x00")


def test_a_guest_is_one_until_he_is_known():
    trail = Trail()
    trail.presented(guest=True)
    said(trail)
    [entry] = trail.take()
    assert "*" in entry["response"]
    said(trail)
    trail.is_ours()
    [entry] = trail.take()
    assert "*" not in entry["response"]


def test_what_an_earlier_guest_said_stays_hidden():
    trail = Trail()
    trail.presented(guest=True)
    said(trail)
    trail.presented(guest=False)
    said(trail, make(0x70, make(0x9F32, b"\x03")))
    assert "*" in trail.take()[0]["response"]
    said(trail)
    assert "*" not in trail.take()[0]["response"]


def test_an_answer_to_reset_is_seen():
    trail = Trail()
    trail.presented(guest=True)
    trail.reset(0, bytes.fromhex("3B65000020"), over_the_air=False)
    assert trail.take()[0]["response"] == "3B65000020"


def test_a_card_that_was_pulled_is_said_to_be():
    trail = Trail()
    trail.presented(guest=True)
    trail.apdu(0, Transmit(bytes.fromhex("00B2010C00"), "READ RECORD"), Silence.REMOVED)
    assert trail.take()[0]["response"] == "removed"
