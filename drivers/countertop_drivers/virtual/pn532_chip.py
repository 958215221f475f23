"""What a PN532 does with commands, without any frame around them (card-hardware.md C.2).

An ACR122U hands commands through to such a chip; a serial board puts frames around them.
"""

from __future__ import annotations

from collections.abc import Callable

from countertop_drivers.link import Card

HOST, CHIP = 0xD4, 0xD5
OK, TIMED_OUT, CONTEXT = 0x00, 0x01, 0x27
# IC 32, version 1.6, type A, type B and ISO 18092.
VERSION = bytes.fromhex("32010607")
SENS_RES, LAYER_4 = bytes.fromhex("0004"), 0x20


class Pn532Chip:
    """One chip; ``card`` says what lies in its field, if anything, and its ``power_on`` gives the ATS."""

    def __init__(self, card: Callable[[], Card | None], uid: bytes) -> None:
        self._card = card
        self._uid = uid
        self._field = True
        self._listed: Card | None = None
        self._chained = b""

    def command(self, command: bytes) -> bytes | None:
        """D4, code and data in; D5, code + 1 and data out.  None: an error frame."""
        if len(command) < 2 or command[0] != HOST:
            return None
        work = {
            0x02: lambda data: VERSION,
            0x04: self._status,
            0x12: lambda data: b"",
            0x14: lambda data: b"",
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
        if data[1] != 0 or card is None or not card.present:
            return b"\0"
        self._field = True
        try:
            ats = card.power_on()
        except OSError:
            return b"\0"
        self._listed = card
        return bytes((1, 1)) + SENS_RES + bytes((LAYER_4, len(self._uid))) + self._uid + ats

    def _exchange(self, data: bytes) -> bytes | None:
        if not data:
            return None
        if self._listed is None:
            return bytes((CONTEXT,))
        self._chained += data[1:]
        if data[0] & 0x40:
            return bytes((OK,))
        command, self._chained = self._chained, b""
        try:
            return bytes((OK,)) + self._listed.transmit(command)
        except OSError:
            return bytes((TIMED_OUT,))

    def _release(self, data: bytes) -> bytes:
        listed, self._listed, self._chained = self._listed, None, b""
        if listed is not None:
            listed.power_off()
        return bytes((OK,))
