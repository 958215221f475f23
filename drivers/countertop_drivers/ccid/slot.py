"""One slot of a reader: each command of CCID 1.10 as a method."""

from __future__ import annotations

import struct

from countertop_drivers.ccid import messages as m
from countertop_drivers.ccid.reader import CcidReader
from countertop_drivers.errors import ProtocolError

VOLTAGES = {1: "5 V", 2: "3 V", 3: "1.8 V"}


class Slot:
    """Commands to one slot.  Failures are raised as :func:`countertop_drivers.ccid.failures.failure_of` says."""

    def __init__(self, reader: CcidReader, number: int) -> None:
        self.reader = reader
        self.number = number

    def status(self) -> int:
        """bmICCStatus: ACTIVE, INACTIVE or ABSENT."""
        return self._ask(m.GET_SLOT_STATUS, failing=False).card

    def power_on(self, voltage: int = 0) -> bytes:
        """The ATR.  ``voltage``: 0 the reader chooses, 1 5 V, 2 3 V, 3 1.8 V."""
        return self._ask(m.ICC_POWER_ON, specific=bytes((voltage, 0, 0))).data

    def power_off(self) -> None:
        """Take the power away."""
        self._ask(m.ICC_POWER_OFF)

    def transfer(
        self, data: bytes, waiting: int = 0, level: int = 0, timeout_s: float | None = None, failing: bool = True
    ) -> m.Answer:
        """XfrBlock.  ``waiting``: multiplier of the block waiting time; ``level``: wLevelParameter."""
        specific = struct.pack("<BH", waiting, level)
        return self._ask(m.XFR_BLOCK, data, specific, timeout_s=timeout_s, failing=failing)

    def secure(self, data: bytes, timeout_s: float, level: int = 0) -> bytes:
        """Secure: PIN entry at the reader (:mod:`countertop_drivers.ccid.secure`)."""
        return self._ask(m.SECURE, data, struct.pack("<BH", 0, level), timeout_s=timeout_s).data

    def escape(self, data: bytes) -> bytes:
        """Escape: the vendor's own command."""
        return self._ask(m.ESCAPE, data).data

    def parameters(self) -> tuple[int, bytes]:
        """Protocol and its parameters (five bytes for T=0, seven for T=1) as the reader uses them."""
        answer = self._ask(m.GET_PARAMETERS)
        return answer.specific, answer.data

    def set_parameters(self, protocol: int, data: bytes) -> bytes:
        """Set them; returns what holds now."""
        return self._ask(m.SET_PARAMETERS, data, bytes((protocol, 0, 0))).data

    def reset_parameters(self) -> tuple[int, bytes]:
        """Back to the defaults; returns them."""
        answer = self._ask(m.RESET_PARAMETERS)
        return answer.specific, answer.data

    def set_clock(self, running: bool) -> None:
        """Let the card's clock run, or stop it."""
        self._ask(m.ICC_CLOCK, specific=bytes((0 if running else 1, 0, 0)))

    def t0_apdu(self, changes: int, class_get_response: int = 0, class_envelope: int = 0) -> None:
        """T0APDU: which classes the reader uses for GET RESPONSE (bit 0 of ``changes``) and ENVELOPE (bit 1)."""
        self._ask(m.T0_APDU, specific=bytes((changes, class_get_response, class_envelope)))

    def mechanical(self, function: int) -> None:
        """1 accept, 2 eject, 3 capture, 4 lock, 5 unlock the card."""
        self._ask(m.MECHANICAL, specific=bytes((function, 0, 0)))

    def set_rate_and_clock(self, rate: int, clock: int) -> tuple[int, int]:
        """In bit/s and kHz; returns what the reader has chosen."""
        answer = self._ask(m.SET_RATE_AND_CLOCK, struct.pack("<II", clock, rate))
        if len(answer.data) < 8:
            raise ProtocolError(f"{self.reader.name} answered a rate and a clock with {len(answer.data)} bytes.")
        chosen_clock, chosen_rate = struct.unpack("<II", answer.data[:8])
        return chosen_rate, chosen_clock

    def abort(self) -> None:
        """End whatever it is doing."""
        self.reader.abort(self.number)

    def _ask(
        self,
        kind: int,
        data: bytes = b"",
        specific: bytes = bytes(3),
        timeout_s: float | None = None,
        failing: bool = True,
    ) -> m.Answer:
        return self.reader.ask(kind, self.number, data, specific, timeout_s=timeout_s, failing=failing)
