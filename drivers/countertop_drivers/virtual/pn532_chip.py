"""What a PN532 does with commands, without any frame around them (card-hardware.md C.2).

An ACR122U hands commands through to such a chip; a serial board puts frames around them.
"""

from __future__ import annotations

from collections.abc import Callable

from countertop_drivers.link import Card

HOST, CHIP = 0xD4, 0xD5
OK, TIMED_OUT, DATA_FORMAT, CONTEXT = 0x00, 0x01, 0x13, 0x27
# IC 32, version 1.6, type A, type B and ISO 18092.
VERSION = bytes.fromhex("32010607")
SENS_RES, LAYER_4 = bytes.fromhex("0004"), 0x20
TYPE_A, TYPE_B = 0x00, 0x03
MORE = 0x40
#: What one answer carries of a response; the rest is asked for.
PIECE = 262


class Pn532Chip:
    """One chip; ``card`` says what lies in its field, if anything, and its ``power_on`` gives the ATS.

    With ``atqb`` (12 bytes) the card is one of type B, without it one of type A.
    """

    def __init__(self, card: Callable[[], Card | None], uid: bytes, atqb: bytes | None = None) -> None:
        self._card = card
        self._uid = uid
        self._atqb = atqb
        self._field = True
        self._listed: Card | None = None
        self._chained = b""
        self._rest = b""

    def drop(self) -> None:
        """The card has left the field."""
        self._listed = None

    def command(self, command: bytes) -> bytes | None:
        """D4, code and data in; D5, code + 1 and data out.  None: an error frame."""
        if len(command) < 2 or command[0] != HOST:
            return None
        work = {
            0x00: self._diagnose,
            0x02: lambda data: VERSION,
            0x04: self._status,
            0x12: lambda data: b"",
            0x14: lambda data: b"",
            0x16: self._power_down,
            0x32: self._configure,
            0x40: self._exchange,
            0x44: self._release,
            0x4A: self._list,
            0x52: self._release,
        }.get(command[1])
        answer = None if work is None else work(command[2:])
        return None if answer is None else bytes((CHIP, command[1] + 1)) + answer

    def _status(self, data: bytes) -> bytes:
        return bytes((0, self._field, self._listed is not None)) + (b"\1\0\0\0" if self._listed else b"") + b"\0"

    def _diagnose(self, data: bytes) -> bytes | None:
        """Test 0: the line, by an echo; test 6: is the card still there?"""
        if data[:1] == b"\x00":
            return data
        if data != b"\x06":
            return None
        if self._listed is None:
            return bytes((CONTEXT,))
        return bytes((OK if self._listed.present else TIMED_OUT,))

    def _power_down(self, data: bytes) -> bytes:
        self._field = False
        return self._release(b"\0")

    def _configure(self, data: bytes) -> bytes | None:
        if len(data) < 2:
            return None
        if data[0] == 0x01:
            self._field = bool(data[1] & 1)
            if not self._field:
                self._release(b"\0")
        return b""

    def _list(self, data: bytes) -> bytes | None:
        if len(data) < 2:
            return None
        self._release(b"\0")
        card = self._card()
        wanted = TYPE_A if self._atqb is None else TYPE_B
        if data[1] != wanted or card is None or not card.present:
            return b"\0"
        self._field = True
        try:
            ats = card.power_on()
        except OSError:
            return b"\0"
        self._listed = card
        if self._atqb is not None:
            return bytes((1, 1)) + self._atqb + bytes((1, 0))
        return bytes((1, 1)) + SENS_RES + bytes((LAYER_4, len(self._uid))) + self._uid + ats

    def _exchange(self, data: bytes) -> bytes | None:
        if not data:
            return None
        if self._listed is None:
            return bytes((CONTEXT,))
        if self._rest and len(data) == 1:
            return self._piece()
        self._chained += data[1:]
        if data[0] & MORE:
            return bytes((OK,))
        command, self._chained = self._chained, b""
        if not command:
            return bytes((DATA_FORMAT,))
        try:
            self._rest = self._listed.transmit(command)
        except OSError:
            self._rest = b""
            return bytes((TIMED_OUT,))
        return self._piece()

    def _piece(self) -> bytes:
        piece, self._rest = self._rest[:PIECE], self._rest[PIECE:]
        return bytes((OK | (MORE if self._rest else 0),)) + piece

    def _release(self, data: bytes) -> bytes:
        listed, self._listed, self._chained, self._rest = self._listed, None, b"", b""
        if listed is not None:
            listed.power_off()
        return bytes((OK,))
