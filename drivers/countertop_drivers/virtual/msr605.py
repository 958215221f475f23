"""An MSR605 that is not there, for the end of a serial line (card-hardware.md D.2).

::

    reader = VirtualMsr605()
    with PtyEnd(reader) as end:
        ...  # host software opens end.path
        reader.swipe(StripeCard((None, b"4111111111111111=30122011234", None)))
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from countertop_drivers.errors import ProtocolError
from countertop_drivers.link import Tracks
from countertop_drivers.msr605 import commands as c
from countertop_drivers.msr605 import frames
from countertop_drivers.track_bits import decode, encode, pack, unpack
from countertop_drivers.tracks import code_for, framed
from countertop_drivers.virtual.stripe_card import StripeCard

#: Parameters of each command, in bytes; those that carry a block are not among them.
_PARAMETERS = {
    **dict.fromkeys(b"\x72\x65\x81\x82\x83\x84\x85\x86\x87\x6c\x6d\x74\x76\x78\x79\x64", 0),
    c.SET_LEADING_ZEROS[1]: 2,
    c.ERASE[1]: 1,
    c.SET_DENSITY[1]: 1,
    c.SET_BITS[1]: 3,
}
_LIGHTS = {
    0x81: frozenset[str](),
    0x82: frozenset({"green", "yellow", "red"}),
    0x83: frozenset({"green"}),
    0x84: frozenset({"yellow"}),
    0x85: frozenset({"red"}),
}
_OK, _FAILED = bytes((c.ESC, c.Status.OK)), bytes((c.ESC, c.Status.FAILED))
_DENSITIES = {code: (track, bool(high)) for track in range(3) for high, code in enumerate(c.DENSITY[track])}
_SELECTED = {code: which for which, code in c.SELECT.items()} | {0x01: (True, False, False)}
#: What waits for a card: gets it, and whether it was pulled badly.
_Action = Callable[[StripeCard, bool], None]


class VirtualMsr605:
    """Answers every command; keeps settings until a reset; reads, writes and erases the cards that are pulled through.

    ``marks``: say 1B 2B for an empty track, as some relatives do, instead of nothing.  Raw data is as the manual
    has it for 8 bits a character; with fewer, each byte carries so many bits, first read as the highest of them.
    """

    def __init__(self, *, firmware: bytes = b"REVT1.02", model: bytes = b"3", marks: bool = False) -> None:
        self._firmware, self._model, self._marks = firmware, model, marks
        self._send: Callable[[bytes], None] = lambda data: None
        self._changed = threading.Condition(threading.RLock())
        self._came = b""
        self._waiting: _Action | None = None
        self._forget()

    def _forget(self) -> None:
        #: The lights that are on.
        self.lights: frozenset[str] = frozenset({"green"})
        #: Whether it writes with high coercivity.
        self.high_coercivity = False
        #: Zeros that it writes first: on tracks 1 and 3, and on track 2.
        self.leading_zeros = c.LEADING_ZEROS
        #: Bits of a character, by track.
        self.bits = c.ISO_BITS
        #: Whether it writes 210 bits an inch, by track.
        self.dense = (True, False, True)
        self._waiting = None

    # The hands.

    def swipe(self, card: StripeCard | Tracks, timeout_s: float = 5.0, *, badly: bool = False) -> bool:
        """Pull a card through as soon as the device waits for one; False when it did not in time.

        ``badly``: too fast, so that nothing can be read or written.
        """
        pulled = StripeCard(card) if isinstance(card, tuple) else card
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting is not None, timeout_s):
                return False
            assert self._waiting is not None
            action, self._waiting = self._waiting, None
            action(pulled, badly)
            return True

    @property
    def waits(self) -> bool:
        """Whether it waits for a card."""
        return self._waiting is not None

    # The line.

    def connect(self, send: Callable[[bytes], None]) -> None:
        """Where its bytes go."""
        self._send = send

    def receive(self, data: bytes) -> None:
        """Bytes from the host."""
        with self._changed:
            self._came += data
            while self._step():
                pass
            self._changed.notify_all()

    def _step(self) -> bool:
        """Take one command off what came; False while more is needed."""
        if self._waiting is not None:
            # Deaf to all but a reset, whose first byte may have come alone.
            at = self._came.find(c.RESET)
            self._came = self._came[at:] if at >= 0 else self._came[-1:]
        begin = self._came.find(c.ESC)
        self._came = self._came[begin:] if begin >= 0 else b""
        if len(self._came) < 2:
            return False
        if self._came.startswith((c.WRITE_ISO, c.WRITE_RAW)):
            return self._block(self._came[1] == c.WRITE_ISO[1])
        code = self._came[1]
        if code == c.RESET[1]:
            self._drop(2)
            self._forget()
            return True
        size = 2 + _PARAMETERS.get(code, 0)
        if len(self._came) < size:
            return False
        parameters = self._drop(size)[2:]
        if code in _PARAMETERS:
            self._do(code, parameters)
        else:
            self._send(bytes((c.ESC, c.Status.INVALID_COMMAND)))
        return True

    def _block(self, iso: bool) -> bool:
        """A block to write; a reset in the middle of a text is one."""
        data = self._came[2:]
        if iso and c.RESET in data and not 0 <= data.find(frames.END) < data.find(c.RESET):
            self._drop(2 + data.find(c.RESET))
            return True
        try:
            block = (frames.iso_block if iso else frames.raw_block)(data, with_status=False)
            if block is None:
                return False
            self._drop(2 + block.size)
            bits = self._encoded(block.tracks) if iso else self._unwrapped(block.tracks)
        except ProtocolError:
            self._came = b""
            self._send(bytes((c.ESC, c.Status.FORMAT_ERROR)))
            return True
        self._waiting = lambda card, badly: self._write(card, badly, bits)
        return True

    def _do(self, code: int, parameters: bytes) -> None:
        match code:
            case 0x72:
                self._waiting = lambda card, badly: self._read(card, badly, self._iso)
            case 0x6D:
                self._waiting = lambda card, badly: self._read(card, badly, self._raw)
            case 0x86:
                self._waiting = lambda card, badly: self._send(_OK)
            case 0x63 if parameters[0] in _SELECTED:
                which = _SELECTED[parameters[0]]
                self._waiting = lambda card, badly: self._write(
                    card, badly, [b"" if chosen else None for chosen in which]
                )
            case 0x62 if parameters[0] in _DENSITIES:
                track, high = _DENSITIES[parameters[0]]
                dense = list(self.dense)
                dense[track] = high
                self.dense = dense[0], dense[1], dense[2]
                self._send(_OK)
            case 0x6F if all(5 <= one <= 8 for one in parameters):
                self.bits = parameters[0], parameters[1], parameters[2]
                self._send(_OK + parameters)
            case 0x7A:
                self.leading_zeros = parameters[0], parameters[1]
                self._send(_OK)
            case 0x78 | 0x79:
                self.high_coercivity = code == 0x78
                self._send(_OK)
            case 0x62 | 0x63 | 0x6F:
                self._send(_FAILED)
            case _ if code in _LIGHTS:
                self.lights = _LIGHTS[code]
            case _:
                self._send(self._told(code))

    def _told(self, code: int) -> bytes:
        match code:
            case 0x64:
                return c.HIGH if self.high_coercivity else c.LOW
            case 0x6C:
                return bytes((c.ESC, *self.leading_zeros))
            case 0x74:
                return bytes((c.ESC,)) + self._model + b"S"
            case 0x76:
                return bytes((c.ESC,)) + self._firmware
            case 0x65:
                return c.LINE_WORKS
        return _OK

    # The head.

    def _read(self, card: StripeCard, badly: bool, sent: Callable[[int, bytes | None], bytes]) -> None:
        body = b"".join(
            bytes((c.ESC, number)) + sent(number, b"" if badly and raw else raw)
            for number, raw in enumerate(card.raw, 1)
        )
        status = c.Status.READ_WRITE_ERROR if frames.UNREADABLE in body or badly else c.Status.OK
        self._send(frames.START + body + frames.END + bytes((c.ESC, status)))

    def _iso(self, number: int, raw: bytes | None) -> bytes:
        if raw is None:
            return frames.NOTHING if self._marks else b""
        try:
            text = decode(raw, number)
            readable = code_for(text, number).bits == self.bits[number - 1]
        except ProtocolError:
            readable = False
        return framed(text, number) if readable else frames.UNREADABLE

    def _raw(self, number: int, raw: bytes | None) -> bytes:
        width, bits = self.bits[number - 1], unpack(raw or b"")
        pieces = [bits[at : at + width].ljust(width, "0") for at in range(0, len(bits), width)]
        data = bytes(int(piece, 2) for piece in pieces)[: frames.LONGEST_TRACK]
        return bytes((len(data),)) + data

    def _write(self, card: StripeCard, badly: bool, bits: list[bytes | None]) -> None:
        """``bits``: by track; empty to erase, None to leave it."""
        if badly:
            self._send(bytes((c.ESC, c.Status.BAD_SWIPE)))
            return
        for number, raw in enumerate(bits, 1):
            if raw is not None:
                card.put(number, raw or None)
        self._send(_OK)

    def _encoded(self, texts: Tracks) -> list[bytes | None]:
        for number, text in enumerate(texts, 1):
            if text is not None and code_for(text, number).bits != self.bits[number - 1]:
                raise ProtocolError(f"Track {number} is not set to so many bits.")
        return [
            None if text is None else encode(text, number, leading=self._zeros(number))
            for number, text in enumerate(texts, 1)
        ]

    def _unwrapped(self, raw: Tracks) -> list[bytes | None]:
        """Raw data is written low bit first, as many bits of each byte as a character has."""
        return [
            None
            if data is None
            else pack("0" * self._zeros(number) + "".join(f"{one:08b}"[::-1][: self.bits[number - 1]] for one in data))
            for number, data in enumerate(raw, 1)
        ]

    def _zeros(self, number: int) -> int:
        return self.leading_zeros[number == 2]

    def _drop(self, size: int) -> bytes:
        taken, self._came = self._came[:size], self._came[size:]
        return taken
