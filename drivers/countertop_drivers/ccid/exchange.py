"""APDUs over each exchange level (CCID 1.10, 6.1.4): what the reader leaves to the host is done here."""

from __future__ import annotations

from typing import Protocol

from countertop_drivers.ccid import t0
from countertop_drivers.ccid.apdu import LONGEST_SHORT, Apdu
from countertop_drivers.ccid.atr import Atr
from countertop_drivers.ccid.descriptor import HEADER, Feature, Level
from countertop_drivers.ccid.failures import OVERRUN, PARITY, failure_of
from countertop_drivers.ccid.messages import ACTIVE, FAILED, XFR_BLOCK
from countertop_drivers.ccid.parameters import LARGEST_IFS, Choice
from countertop_drivers.ccid.slot import Slot
from countertop_drivers.ccid.t1 import LONGEST_RESPONSE, T1
from countertop_drivers.errors import DeviceRefused, ProtocolError

WHOLE, BEGINS, ENDS, MIDDLE, GO_ON = 0x00, 0x01, 0x02, 0x03, 0x10
MOST_PIECES = 2000
# 960 · 372 etu at 3.57 MHz: the unit of the block waiting time (ISO/IEC 7816-3, 11.4.3).
WAITING_UNIT_S = 0.1


class Exchange(Protocol):
    """A powered card, with which APDUs can be exchanged."""

    def transmit(self, apdu: bytes) -> bytes:
        """One command and its whole response."""

    def secure(self, structure: bytes, apdu_length: int, timeout_s: float) -> bytes:
        """A PIN command (:mod:`.secure`), whose bTeoPrologue is filled in here."""


def exchange_for(slot: Slot, atr: Atr, choice: Choice) -> Exchange:
    """The way that this reader's level and the chosen protocol need.  With T=1 it may announce its IFSD at once."""
    level = slot.reader.descriptor.level
    if level in (Level.SHORT_APDU, Level.EXTENDED_APDU):
        return ApduExchange(slot, choice.protocol)
    if choice.protocol == 0:
        return T0Exchange(slot, level is Level.CHARACTER)
    return T1Exchange(slot, atr, level is Level.CHARACTER)


class ApduExchange:
    """Short and extended APDU level: the reader speaks the protocol."""

    def __init__(self, slot: Slot, protocol: int) -> None:
        self._slot = slot
        self._protocol = protocol

    def transmit(self, apdu: bytes) -> bytes:
        """Sent as it is.  Some readers leave 61xx and 6Cxx of T=0 to the host: followed up."""
        command = Apdu.parse(apdu)
        response = self._send(apdu)
        if self._protocol != 0:
            return response
        return t0.complete(command, response, self._send, warnings=False)

    def secure(self, structure: bytes, apdu_length: int, timeout_s: float) -> bytes:
        """As it is: there is no block to be numbered."""
        return self._slot.secure(structure, timeout_s)

    def _send(self, apdu: bytes) -> bytes:
        descriptor = self._slot.reader.descriptor
        if descriptor.level is Level.SHORT_APDU:
            if len(apdu) > LONGEST_SHORT:
                raise DeviceRefused(
                    f"{len(apdu)} bytes are no short APDU; this reader takes no other.", code=0xBE, name="APDU_LENGTH"
                )
            return self._slot.transfer(apdu).data
        room = descriptor.max_message - HEADER
        pieces = [apdu[at : at + room] for at in range(0, len(apdu), room)]
        for place, piece in enumerate(pieces[:-1]):
            answer = self._slot.transfer(piece, level=MIDDLE if place else BEGINS)
            if answer.specific != GO_ON or answer.data:
                raise ProtocolError(f"The reader did not ask for the rest of a command ({answer.specific:02X}).")
        answer = self._slot.transfer(pieces[-1], level=ENDS if len(pieces) > 1 else WHOLE)
        response = answer.data
        for _ in range(MOST_PIECES):
            if answer.specific in (WHOLE, ENDS):
                return response
            if answer.specific not in (BEGINS, MIDDLE) or len(response) > LONGEST_RESPONSE:
                break
            answer = self._slot.transfer(b"", level=GO_ON)
            response += answer.data
        raise ProtocolError(f"The reader chains a response that has no end (last: {answer.specific:02X}).")


class T0Exchange:
    """T=0 at TPDU or character level."""

    def __init__(self, slot: Slot, by_character: bool) -> None:
        self._slot = slot
        self._by_character = by_character

    def transmit(self, apdu: bytes) -> bytes:
        """As TPDUs, with GET RESPONSE."""
        return t0.over_t0(apdu, self._tpdu)

    def secure(self, structure: bytes, apdu_length: int, timeout_s: float) -> bytes:
        """As it is: VERIFY is one TPDU."""
        return self._slot.secure(structure, timeout_s)

    def _tpdu(self, tpdu: bytes) -> bytes:
        if self._by_character:
            return t0.tpdu_by_characters(tpdu, lambda data, expected: self._slot.transfer(data, level=expected).data)
        return self._slot.transfer(tpdu).data


class T1Exchange:
    """T=1 at TPDU or character level."""

    def __init__(self, slot: Slot, atr: Atr, by_character: bool) -> None:
        self._slot = slot
        self._by_character = by_character
        self._waiting_s = (1 << min(atr.bwi, 9)) * WAITING_UNIT_S
        self._check_bytes = 2 if atr.crc else 1
        self._t1 = T1(self._swap, ifsc=atr.ifsc, crc=atr.crc)
        descriptor = slot.reader.descriptor
        if not descriptor.does(Feature.AUTO_IFSD):
            self._t1.announce(min(max(descriptor.max_ifsd, 1), LARGEST_IFS))

    def transmit(self, apdu: bytes) -> bytes:
        """As blocks.  Raises ProtocolError when the response has no status."""
        response = self._t1.transmit(apdu)
        if len(response) < 2:
            raise ProtocolError(f"The card answered {len(response)} bytes; a status has two.")
        return response

    def secure(self, structure: bytes, apdu_length: int, timeout_s: float) -> bytes:
        """The reader makes the block; it needs its number."""
        from countertop_drivers.ccid.secure import with_prologue

        return self._t1.transmit_prepared(
            apdu_length, lambda prologue: self._slot.secure(with_prologue(structure, prologue), timeout_s)
        )

    def _swap(self, block: bytes, waiting: int) -> bytes:
        """Empty: nothing came, or it came garbled; T=1 asks again."""
        if not self._by_character:
            return self._characters(block, waiting, 0)
        head = self._characters(block, waiting, 3)
        if len(head) != 3:
            return b""
        return head + self._characters(b"", waiting, head[2] + self._check_bytes)

    def _characters(self, data: bytes, waiting: int, level: int) -> bytes:
        limits = self._slot.reader.limits
        timeout_s = min(limits.longest_s, max(limits.answer_s, waiting * self._waiting_s + 1.0))
        answer = self._slot.transfer(data, waiting, level, timeout_s=timeout_s, failing=False)
        if answer.outcome == FAILED:
            if answer.card == ACTIVE and answer.error in (PARITY, OVERRUN, 0xFE):
                return b""
            raise failure_of(XFR_BLOCK, answer)
        return answer.data
