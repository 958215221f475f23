"""A virtual PN532 on a serial line: frames, acknowledgements, sleep and repeats around the chip (C.2)."""

from __future__ import annotations

from collections.abc import Callable

from countertop_drivers.link import Card
from countertop_drivers.pn532.frames import ACK, ERROR, Ack, Data, Deframer, Nack, frame
from countertop_drivers.virtual.pn532_chip import Pn532Chip

UID = bytes.fromhex("04A1B2C3D4E5F6")
POWER_DOWN = 0x16
#: What wakes it: two bytes 55, or a preamble of ten zeros and more.
WAKES = (b"\x55\x55", bytes(10))


class VirtualPn532:
    """A ByteDevice; ``card`` lies in its field.  It begins asleep, as after power-up."""

    def __init__(self, card: Card | None = None, *, uid: bytes = UID, atqb: bytes | None = None) -> None:
        self.card = card
        self.chip = Pn532Chip(lambda: self.card, uid, atqb)
        self.asleep = True
        self._deframer = Deframer()
        self._last = b""
        self._before = b""
        self._send: Callable[[bytes], None] | None = None

    def insert(self, card: Card) -> None:
        """Lay a card into the field."""
        self.card = card

    def remove(self) -> None:
        """Take it away."""
        card, self.card = self.card, None
        self.chip.drop()
        if card is not None:
            card.power_off()

    def connect(self, send: Callable[[bytes], None]) -> None:
        """Where its frames go."""
        self._send = send

    def receive(self, data: bytes) -> None:
        """Bytes from the host."""
        if self.asleep:
            self._before = (self._before + data)[-1024:]
            if not any(wake in self._before for wake in WAKES):
                return
            data, self._before, self.asleep = self._before, b"", False
        for one in self._deframer.feed(data):
            if isinstance(one, Data):
                self._answer(one.content)
            elif isinstance(one, Nack) and self._last:
                self._out(self._last)
            elif isinstance(one, Ack):
                self._last = b""  # the host has it, or does not want it any more

    def _answer(self, command: bytes) -> None:
        self._out(ACK)
        answer = self.chip.command(command)
        self._last = ERROR if answer is None else frame(answer)
        if answer is not None and command[1] == POWER_DOWN:
            self.asleep = True
        self._out(self._last)

    def _out(self, data: bytes) -> None:
        if self._send is not None:
            self._send(data)
