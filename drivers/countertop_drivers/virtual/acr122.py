"""A contactless reader that is not there: an ACR122U with its PN532 inside (card-hardware.md C.1)."""

from __future__ import annotations

from functools import reduce
from operator import xor

from countertop_drivers.ccid.descriptor import CcidDescriptor, Feature, Level
from countertop_drivers.ccid.messages import ABSENT
from countertop_drivers.link import Card
from countertop_drivers.virtual.ccid import CLEVER, VirtualCcid
from countertop_drivers.virtual.ccid_slot import Contact, Silence
from countertop_drivers.virtual.pn532_chip import Pn532Chip

VENDOR, PRODUCT = 0x072F, 0x2200
FIRMWARE = b"ACR122U214"
DONE, FAILED, WRONG_COMMAND, UNSUPPORTED = b"\x90\x00", b"\x63\x00", b"\x63\x7f", b"\x6a\x81"
UID = bytes.fromhex("08A1B2C3")


class VirtualAcr122(VirtualCcid):
    """A reader in whose field ``card`` lies; its ``power_on`` gives the ATS.  ``uid``: what it says it is."""

    def __init__(self, card: Card | None = None, *, uid: bytes = UID, extensions: int = 0) -> None:
        super().__init__(
            card,
            level=Level.SHORT_APDU,
            features=CLEVER & ~Feature.AUTO_IFSD,
            descriptor=CcidDescriptor(ccid_release=0x0100, max_data_rate=106000, data_rate=106000),
            ids=(VENDOR, PRODUCT),
            title="ACR122U PICC Interface",
            extensions=extensions,
        )
        self._uid = uid
        self._ats = b""
        self._parameter = 0xFF
        self._leds = 0
        self.chip = Pn532Chip(lambda: self.contacts[0].card, uid)

    def reset_answer(self, contact: Contact) -> bytes:
        """The ATR that a PC/SC reader makes up of an ATS."""
        answer = contact.power_on(True)
        self._ats = answer
        return answer if answer[:1] == b"\x3b" else atr_of_ats(answer)

    def exchange(self, contact: Contact, apdu: bytes) -> bytes:
        """What begins with FF is for the reader."""
        return self._own(contact, apdu) if apdu[:1] == b"\xff" else contact.apdu(apdu)

    def escaped(self, contact: Contact, data: bytes) -> bytes | None:
        """The same commands, with and without a card."""
        return self._own(contact, data) if data[:1] == b"\xff" else None

    def _own(self, contact: Contact, apdu: bytes) -> bytes:
        head = apdu[1:4]
        if head == b"\0\0\0" and len(apdu) > 5 and len(apdu) == 5 + apdu[4]:
            return self._direct(apdu[5:])
        if head[:1] == b"\xca":
            if contact.state == ABSENT:
                return FAILED
            known = {b"\0\0": self._uid, b"\1\0": self._ats}.get(head[1:])
            return known + DONE if known else UNSUPPORTED
        if head == b"\0\x48\0":
            return FIRMWARE
        if head == b"\0\x50\0":
            return bytes((0x90, self._parameter))
        if head[:2] == b"\0\x51":
            self._parameter = head[2]
            return bytes((0x90, self._parameter))
        if head[:2] == b"\0\x40" and len(apdu) == 9:
            self._leds = head[2] & 0x03
            return bytes((0x90, self._leds))
        if head[:2] in (b"\0\x41", b"\0\x52"):
            return DONE
        return FAILED

    def _direct(self, command: bytes) -> bytes:
        try:
            answer = self.chip.command(command)
        except Silence:
            return FAILED
        return WRONG_COMMAND if answer is None else answer + DONE


def atr_of_ats(ats: bytes) -> bytes:
    """PC/SC part 3: 3B 8n 80 01, the n historical bytes of the ATS, and a check byte."""
    at = 2 + sum(ats[1] >> bit & 1 for bit in (4, 5, 6)) if len(ats) > 1 else len(ats)
    historical = ats[at:][:15]
    body = bytes((0x80 | len(historical), 0x80, 0x01)) + historical
    return b"\x3b" + body + bytes((reduce(xor, body),))
