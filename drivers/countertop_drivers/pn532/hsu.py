"""One command at a time over the chip's serial line: acknowledged, answered, repeated where something was lost.

The chip answers a whole frame with ACK, then with the response; the host may ask for a damaged response again
with NACK, and ends a command that takes too long with an ACK of its own (card-hardware.md C.2).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from countertop_drivers.errors import DeviceRefused, DeviceTimeout, ProtocolError
from countertop_drivers.pn532.frames import ACK, CHIP, HOST, NACK, Ack, Damaged, Data, Deframer, Frame, NotTaken, frame
from countertop_drivers.serial_port import SerialPort

BAUD = 115_200
#: Awake from power-down or fresh from power-up, the chip needs these and the time they take on the line.
WAKE_UP = bytes.fromhex("5555") + bytes(14)
ACK_WITHIN_S = 0.1
TRIES = 3
#: Stale answers that are passed over before the line counts as out of step.
STALE = 8


class Hsu:
    """The line to one chip.  ``clock`` counts seconds."""

    def __init__(
        self, port: SerialPort, *, ack_within_s: float = ACK_WITHIN_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.port = port
        self._ack_within_s = ack_within_s
        self._clock = clock
        self._deframer = Deframer()
        self._come: deque[Frame] = deque()
        self._asleep = True

    def command(self, code: int, data: bytes = b"", timeout_s: float = 1.0) -> bytes:
        """Send one command; the data of its answer.

        Raises DeviceTimeout when the chip is silent, DeviceRefused when it does not take the command, ProtocolError
        when what comes is no answer to it, DeviceGone.  The line can be used again after each but the last.
        """
        sent = frame(bytes((HOST, code)) + data)
        self._send_until_acknowledged(WAKE_UP + sent if self._asleep else sent, code)
        self._asleep = False
        return self._answer(code, self._clock() + timeout_s)

    def abort(self) -> None:
        """End a command that is running, and forget what has come."""
        self.port.write(ACK)
        self._forget()

    def sleep(self) -> None:
        """Whatever comes next must wake the chip first."""
        self._asleep = True

    def _send_until_acknowledged(self, data: bytes, code: int) -> None:
        for _ in range(TRIES):
            self._forget()
            self.port.write(data)
            end = self._clock() + self._ack_within_s
            while (one := self._next(end)) is not None:
                if isinstance(one, Ack):
                    return
            data = data if self._asleep else WAKE_UP + data  # it may have fallen asleep
        self._asleep = True
        raise DeviceTimeout(
            f"{self.port.name}: the PN532 does not acknowledge command {code:02X}.",
            "Is it wired and set for HSU (both switches off), and the speed right (?baud=115200)?",
        )

    def _answer(self, code: int, end: float) -> bytes:
        damaged = stale = 0
        while (one := self._next(end)) is not None:
            if isinstance(one, NotTaken):
                raise DeviceRefused(f"The PN532 does not take command {code:02X}.", code=0x7F, name="syntax error")
            if isinstance(one, Damaged):
                damaged += 1
                if damaged == TRIES:
                    self.abort()
                    raise ProtocolError(f"{self.port.name}: {one.problem} in the answer to command {code:02X}.")
                self.port.write(NACK)
            elif isinstance(one, Data):
                if one.content[:2] == bytes((CHIP, code + 1 & 0xFF)):
                    return one.content[2:]
                stale += 1  # the answer to a command that was given up
                if stale > STALE:
                    self.abort()
                    raise ProtocolError(f"{self.port.name}: answers to everything but command {code:02X}.")
        self.abort()
        raise DeviceTimeout(f"{self.port.name}: the PN532 does not answer command {code:02X} in time.")

    def _next(self, end: float) -> Frame | None:
        """The next frame that comes before the clock reaches ``end``."""
        while not self._come:
            left = end - self._clock()
            if left <= 0:
                return None
            self._come.extend(self._deframer.feed(self.port.read(left)))
        return self._come.popleft()

    def _forget(self) -> None:
        self.port.discard()
        self._deframer.clear()
        self._come.clear()
