"""The PN532's commands for reading cards, over anything that carries them (card-hardware.md C.2).

The serial line is one carrier (:class:`.hsu.Hsu`); an ACR122U, which has such a chip inside, is another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from countertop_drivers.errors import ProtocolError
from countertop_drivers.pn532.failures import failure
from countertop_drivers.pn532.targets import Target, parse_type_a, parse_type_b

DIAGNOSE, FIRMWARE, SAM, POWER_DOWN, RF, LIST = 0x00, 0x02, 0x14, 0x16, 0x32, 0x4A
EXCHANGE, THRU, DESELECT, RELEASE = 0x40, 0x42, 0x44, 0x52
PRESENCE = 0x06
RF_FIELD, RF_RETRIES = 0x01, 0x05
TYPE_A, TYPE_B = 0x00, 0x03
WAKE_BY_HSU = 0x10
#: How long a card may think: the longest frame waiting time there is (FWI 14), and a little.
CARD_WITHIN_S = 5.0


class Carrier(Protocol):
    """What brings a command to the chip and its answer back; raises DriverError."""

    def command(self, code: int, data: bytes = b"", timeout_s: float = 1.0) -> bytes:
        """The data of the answer to one command."""


@dataclass(frozen=True, slots=True)
class Firmware:
    """Which chip it is: ``ic`` 32 is a PN532."""

    ic: int
    version: int
    revision: int
    support: int

    def __str__(self) -> str:
        kinds = {1: "ISO 14443 A", 2: "ISO 14443 B", 4: "ISO 18092"}
        able = ", ".join(name for bit, name in kinds.items() if self.support & bit)
        return f"PN5{self.ic:02X} {self.version}.{self.revision} ({able})"


class Pn532:
    """One chip behind a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def firmware(self) -> Firmware:
        """Which chip and firmware.  Raises ProtocolError when it is none of this family."""
        answer = self._carrier.command(FIRMWARE)
        if len(answer) != 4:
            raise ProtocolError(f"This is no PN532: its firmware is {answer.hex().upper() or 'nothing'}.")
        return Firmware(*answer)

    def use_as_reader(self) -> None:
        """SAMConfiguration: normal mode, no SAM; also what ends the sleep after power-up."""
        self._carrier.command(SAM, b"\x01\x00\x00")

    def field(self, on: bool) -> None:
        """Switch the field; off, every card in it loses its power."""
        self._carrier.command(RF, bytes((RF_FIELD, int(on))))

    def tries(self, activation: int) -> None:
        """How often to look for a card beyond once (255: for ever)."""
        self._carrier.command(RF, bytes((RF_RETRIES, 0xFF, 0x01, activation)))

    def cards(self, most: int = 1) -> list[Target]:
        """Activate up to ``most`` (2) cards of type A, or else of type B.  Empty: none answered."""
        found = parse_type_a(self._carrier.command(LIST, bytes((most, TYPE_A)), CARD_WITHIN_S))
        return found or parse_type_b(self._carrier.command(LIST, bytes((most, TYPE_B, 0)), CARD_WITHIN_S))

    def still_there(self) -> bool:
        """Whether the activated card answers a presence check (R(NAK), ISO/IEC 14443-4)."""
        return self._carrier.command(DIAGNOSE, bytes((PRESENCE,))) == b"\x00"

    def exchange(self, number: int, data: bytes, *, more: bool = False, timeout_s: float = CARD_WITHIN_S) -> bytes:
        """InDataExchange; the answer with its status byte.  ``more``: this is not yet all of the command."""
        return self._carrier.command(EXCHANGE, bytes((number | (0x40 if more else 0),)) + data, timeout_s)

    def through(self, data: bytes, timeout_s: float = CARD_WITHIN_S) -> bytes:
        """Bytes to the card as they are (InCommunicateThru).  Raises CardMute, DeviceRefused."""
        return checked(self._carrier.command(THRU, data, timeout_s), "raw exchange")

    def release(self, number: int = 0) -> None:
        """Let go of a card (0: of all)."""
        checked(self._carrier.command(RELEASE, bytes((number,))), "release")

    def power_down(self) -> None:
        """Sleep until something comes on the serial line."""
        checked(self._carrier.command(POWER_DOWN, bytes((WAKE_BY_HSU,))), "power down")


def checked(answer: bytes, doing: str) -> bytes:
    """What stands behind the status byte.  Raises what the status byte says, ProtocolError when there is none."""
    if not answer:
        raise ProtocolError(f"PN532, {doing}: an answer without a status.")
    problem = failure(answer[0], doing)
    if problem is not None:
        raise problem
    return answer[1:]
