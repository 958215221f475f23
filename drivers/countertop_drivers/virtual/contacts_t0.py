"""The card's side of T=0 (ISO/IEC 7816-3, 10) over any card that answers APDUs."""

from __future__ import annotations

from collections.abc import Generator

from countertop_drivers.link import Card

GET_RESPONSE = 0xC0
WRONG_LENGTH, CONDITIONS = b"\x67\x00", b"\x69\x85"
# Instructions that bring data to the card; a T=0 card knows by the instruction which way the data goes.
INCOMING = frozenset(
    (0x16, 0x18, 0x1E, 0x20, 0x24, 0x2A, 0x82, 0x88, 0xA4, 0xA8, 0xAE, 0xC2, 0xD0, 0xD2, 0xD6, 0xDA, 0xDC, 0xE2, 0xEA)
)


class T0Card:
    """Answers TPDUs, or single characters.

    ``nulls``: how often it asks for more time before each answer; ``one_by_one``: takes and gives data a
    character at a time.  Both are seen at character level only.
    """

    def __init__(self, card: Card, *, nulls: int = 0, one_by_one: bool = False) -> None:
        self._card = card
        self._nulls = nulls
        self._one_by_one = one_by_one
        self._pending = b""
        self._status = b"\x90\x00"
        # The answer to a command that was sent with the wrong P3: it is not run twice.
        self._kept: tuple[bytes, bytes] | None = None
        self._heard = bytearray()
        self._said = bytearray()
        self._program = self._run()
        self._wanted = next(self._program)

    def tpdu(self, tpdu: bytes) -> bytes:
        """One TPDU: five bytes of header, then the data that P3 announces, if it goes to the card."""
        if len(tpdu) < 5:
            return WRONG_LENGTH
        header, p3, data = tpdu[:4], tpdu[4], tpdu[5:]
        if header[1] == GET_RESPONSE:
            return self._rest(p3 or 256)
        self._pending = b""
        if data:
            self._kept = None
            if len(data) != p3:
                return WRONG_LENGTH
            response = self._card.transmit(tpdu)
            self._pending, self._status = response[:-2], response[-2:]
            return bytes((0x61, min(len(self._pending), 256) & 0xFF)) if self._pending else self._status
        if self._kept is not None and self._kept[0] == header:
            response = self._kept[1]
        else:
            response = self._card.transmit(header + b"\0")
        self._kept = None
        return self._outgoing(header, p3 or 256, response)

    def characters(self, data: bytes, expected: int) -> bytes:
        """Hear some characters, then say at most ``expected``."""
        self._heard += data
        while len(self._heard) >= self._wanted:
            piece = bytes(self._heard[: self._wanted])
            del self._heard[: self._wanted]
            self._wanted = self._program.send(piece)
        said = bytes(self._said[:expected])
        del self._said[:expected]
        return said

    def _outgoing(self, header: bytes, wanted: int, response: bytes) -> bytes:
        data, status = response[:-2], response[-2:]
        if not data or len(data) == wanted:
            return response
        if len(data) <= 256:
            self._kept = (header, response)
            return bytes((0x6C, len(data) & 0xFF))
        self._pending, self._status = data[wanted:], status
        return data[:wanted] + bytes((0x61, min(len(self._pending), 256) & 0xFF))

    def _rest(self, wanted: int) -> bytes:
        if not self._pending:
            return CONDITIONS
        if wanted > len(self._pending):
            return bytes((0x6C, len(self._pending) & 0xFF))
        data, self._pending = self._pending[:wanted], self._pending[wanted:]
        return data + (bytes((0x61, min(len(self._pending), 256) & 0xFF)) if self._pending else self._status)

    def _run(self) -> Generator[int, bytes, None]:
        """The dialogue by characters; yields how many it wants to hear."""
        while True:
            header = yield 5
            ins = header[1]
            self._said += bytes((0x60,)) * self._nulls
            if header[4] and ins in INCOMING:
                data = b""
                if self._one_by_one:
                    while len(data) < header[4]:
                        self._said.append(ins ^ 0xFF)
                        data += yield 1
                else:
                    self._said.append(ins)
                    data = yield header[4]
                self._said += self.tpdu(header + data)
                continue
            response = self.tpdu(header)
            data, status = response[:-2], response[-2:]
            if self._one_by_one:
                for byte in data:
                    self._said += bytes((ins ^ 0xFF, byte))
            elif data:
                self._said.append(ins)
                self._said += data
            self._said += status
