"""One slot of the virtual reader: the card in it, its power, and the lines to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from countertop_drivers.ccid.atr import DEFAULT_FIDI, Atr, parse_atr
from countertop_drivers.ccid.messages import ABSENT, ACTIVE, INACTIVE
from countertop_drivers.ccid.parameters import PPSS, Choice, encode_parameters
from countertop_drivers.ccid.t1_blocks import IFS, Block, check
from countertop_drivers.errors import CardMute
from countertop_drivers.link import Card
from countertop_drivers.virtual.contacts_t0 import T0Card
from countertop_drivers.virtual.contacts_t1 import T1Card

DEFAULTS = {0: bytes((DEFAULT_FIDI, 0, 0, 10, 0)), 1: bytes((DEFAULT_FIDI, 0x10, 0, 0x4D, 0, 32, 0))}


class Silence(Exception):
    """The card says nothing."""


@dataclass
class Contact:
    """A slot.  ``atr`` replaces the card's own; ``lines`` makes the card's ends of T=0 and T=1."""

    card: Card | None = None
    atr: bytes | None = None
    t0: dict[str, Any] = field(default_factory=dict)
    t1: dict[str, Any] = field(default_factory=dict)
    # What the reader uses, and what the card does: they must be the same, or nobody understands anything.
    protocol: int = 0
    parameters: bytes = DEFAULTS[0]
    spoken: int = 0
    fidi: int = DEFAULT_FIDI
    running: bool = True
    incoming: bytes = b""
    outgoing: bytes = b""
    line0: T0Card | None = None
    line1: T1Card | None = None
    _fresh: bool = False
    _left: bytearray = field(default_factory=bytearray)

    @property
    def state(self) -> int:
        """bmICCStatus."""
        card = self.card
        if card is None or not card.present:
            self.line0 = self.line1 = None
            return ABSENT
        return INACTIVE if self.line0 is None else ACTIVE

    def power_on(self, automatic: bool) -> bytes:
        """Reset the card; ``automatic``: set the reader's parameters from its ATR.  Raises Silence."""
        card = self._card()
        self.line0 = self.line1 = None
        try:
            answer = card.power_on()
        except OSError:
            raise Silence from None
        answer = self.atr or answer
        self.line0 = T0Card(card, **self.t0)
        try:
            known = parse_atr(answer)
        except CardMute:
            return answer  # the host shall see what is wrong with it
        self.line1 = T1Card(card, **{"ifsc": known.ifsc, "crc": known.crc} | self.t1)
        self._begin(known, automatic)
        return answer

    def power_off(self) -> None:
        """Take the power away."""
        self.line0 = self.line1 = None
        self.incoming = self.outgoing = b""
        self.set_parameters(0, DEFAULTS[0])
        if self.card is not None:
            self.card.power_off()

    def set_parameters(self, protocol: int, data: bytes) -> bool:
        """What the host chose; False when it is none."""
        if protocol not in DEFAULTS or len(data) != len(DEFAULTS[protocol]):
            return False
        self.protocol, self.parameters = protocol, data
        return True

    def announce(self) -> None:
        """S(IFS) by the reader itself."""
        if self.spoken == 1 and self.line1 is not None:
            self.line1.block(Block(IFS, b"\xfe").encode())

    def apdu(self, apdu: bytes) -> bytes:
        """A whole command; the reader speaks the protocol.  Raises Silence."""
        return self._said(lambda: self._card().transmit(apdu))

    def tpdu(self, data: bytes) -> bytes:
        """A TPDU or block, or PPS right after the reset.  Raises Silence."""
        if self._fresh and data[:1] == bytes((PPSS,)):
            return self._pps(data)
        self._fresh = False
        self._demand_agreement()
        if self.protocol == 1 and self.line1 is not None:
            line = self.line1
            return self._said(lambda: line.block(data))
        zero = self.line0
        if zero is None:
            raise Silence
        return self._said(lambda: zero.tpdu(data))

    def characters(self, data: bytes, expected: int) -> bytes:
        """Characters there, then ``expected`` back.  Raises Silence when fewer are to be had."""
        if self.protocol == 0 and self.line0 is not None and not (self._fresh and data[:1] == b"\xff"):
            self._fresh = False
            self._demand_agreement()
            line = self.line0
            said = self._said(lambda: line.characters(data, expected))
        else:
            if data:
                self._left = bytearray(self.tpdu(data))
            said = bytes(self._left[:expected])
            del self._left[:expected]
        if expected and not said:
            raise Silence
        return said

    def _begin(self, atr: Atr, automatic: bool) -> None:
        self.spoken = atr.protocols[0] if atr.specific is None else atr.specific
        self.fidi = DEFAULT_FIDI if atr.specific is None or atr.implicit else atr.fidi
        self._fresh = atr.specific is None
        self._left.clear()
        if automatic and self.spoken in DEFAULTS:
            choice = Choice(self.spoken, self.fidi)
            self.set_parameters(self.spoken, encode_parameters(choice, atr))
        else:
            self.set_parameters(0, DEFAULTS[0])

    def _pps(self, request: bytes) -> bytes:
        if len(request) < 3 or check(request) != b"\0" or request[1] & 0x0F not in DEFAULTS:
            raise Silence
        self._fresh = False
        self.spoken = request[1] & 0x0F
        self.fidi = request[2] if request[1] & 0x10 else DEFAULT_FIDI
        return request

    def _demand_agreement(self) -> None:
        if (self.protocol, self.parameters[0]) != (self.spoken, self.fidi):
            raise Silence

    def _said(self, ask: Callable[[], bytes]) -> bytes:
        try:
            return ask()
        except OSError:
            raise Silence from None

    def _card(self) -> Card:
        if self.card is None:
            raise Silence
        return self.card
