"""Talking to an MSR605: commands, waiting for cards, and finding back after a failure.

The device is deaf to all but a reset while it waits for a card, and a reset makes it forget what it was set to; so
the exchange remembers that, and sets it again (card-hardware.md D.2).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from countertop_drivers.errors import BadAddress, DeviceRefused, DeviceTimeout, DriverError, ProtocolError
from countertop_drivers.msr605 import commands as c
from countertop_drivers.msr605 import frames
from countertop_drivers.serial_port import SerialPort

SWIPE_HINT = "Pull a card through while the yellow light is on."
DEAF_HINT = "Is it an MSR605, has it power, and is ?baud= right?"
RESETS = 2
Answer = TypeVar("Answer")
Bits = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is too long, in seconds.

    ``answer_s``: to answer what needs no card.  ``block_s``: to send the rest of an answer; the longest takes 0.8 s
    at 9600 baud.  ``quiet_s``: a silence that shows that nothing more is coming.  ``longest_s``: for that silence.
    """

    answer_s: float = 1.0
    block_s: float = 2.0
    quiet_s: float = 0.1
    longest_s: float = 1.0


class Exchange:
    """One device on one port.  After any failure the next command begins with a reset.

    Commands raise DeviceTimeout when the device is silent or stops in the middle of an answer, ProtocolError when
    what it says is no answer, DeviceRefused when it says no, DeviceGone when the port goes.
    """

    def __init__(
        self, port: SerialPort, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._port = port
        self._limits = limits or Limits()
        self._clock = clock
        self._lost = True
        self._bits: Bits = c.ISO_BITS
        self._settings: dict[str, bytes] = {}
        #: The command that waits for a card.
        self.waiting: bytes | None = None

    def tell(self, command: bytes) -> None:
        """A command without an answer."""
        with self._failing():
            self._begin()
            self._port.write(command)

    def ask(self, command: bytes, parse: Callable[[bytes], Answer | None]) -> Answer:
        """A command that is answered at once."""
        with self._failing():
            self._begin()
            return self._answer(command, parse)

    def ask_for_text(self, command: bytes, longest: int) -> bytes:
        """A command whose answer is 1B and as much text as comes before a silence."""
        with self._failing():
            self._begin()
            answer = self._answer(command, frames.anything)
            while len(answer) < longest and (more := self._port.read(self._limits.quiet_s)):
                answer += more
            return answer[:longest]

    def set(self, name: str, command: bytes) -> None:
        """A setting, to be made again after each reset."""
        with self._failing():
            self._begin()
            self._order(command)
        self._settings[name] = command

    def set_bits(self, bits: Bits) -> None:
        """Bits a character, until something else needs others."""
        with self._failing():
            self._begin()
            self._need_bits(bits)

    def next_card(self, command: bytes, bits: Bits, parse: frames.Parser, timeout_s: float) -> frames.Block | None:
        """What a reading command gives; None when no card came in time: it goes on waiting when it is asked again."""
        with self._failing():
            if self.waiting != command or self._lost:
                self._begin()
                self._need_bits(bits)
                self._port.write(command)
                self.waiting = command
            block = self._collect(parse, timeout_s)
            if block is None:
                return None
            self.waiting = None
        if block.status in (c.Status.FORMAT_ERROR, c.Status.INVALID_COMMAND):
            raise refusal("read", block.status)
        return block

    def change_card(self, command: bytes, bits: Bits | None, what: str, timeout_s: float) -> None:
        """A command that is answered with a status when a card has passed.  ``bits``: None where they do not matter."""
        with self._failing():
            self._begin()
            if bits is not None:
                self._need_bits(bits)
            self._port.write(command)
            status = self._collect(frames.status, timeout_s)
            if status is None:
                # It still waits: without this it would write the card of somebody who comes later.
                self.reset()
        if status is None:
            raise DeviceTimeout(f"No card passed the MSR605 in {timeout_s:g} s.", SWIPE_HINT)
        if status != c.Status.OK:
            raise refusal(what, status)

    def reset(self) -> None:
        """Make the device forget what it does, and set it as it was set before.

        Raises DeviceTimeout when it does not answer, ProtocolError when it does not stop talking.
        """
        self.waiting, self._lost = None, True
        for _ in range(RESETS):
            self._port.write(c.RESET)
            self._wait_for_quiet()
            self._port.write(c.TEST_LINE)
            if self._collect(frames.exactly(c.LINE_WORKS), self._limits.answer_s) is not None:
                break
        else:
            raise self._silent()
        self._bits = c.ISO_BITS
        for command in self._settings.values():
            self._order(command)
        self._lost = False

    def close(self) -> None:
        """Make sure that the device waits for no card, and let go of the port."""
        with contextlib.suppress(DriverError):
            if self.waiting is not None or self._lost:
                self._port.write(c.RESET)
        self.waiting, self._lost = None, False
        self._port.close()

    def _begin(self) -> None:
        if self._lost or self.waiting is not None:
            self.reset()
        self._port.discard()

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """After a failure nobody knows what the device is doing."""
        try:
            yield
        except (DeviceRefused, BadAddress):
            raise
        except BaseException:
            self._lost = True
            raise

    def _answer(self, command: bytes, parse: Callable[[bytes], Answer | None]) -> Answer:
        self._port.write(command)
        answer = self._collect(parse, self._limits.answer_s)
        if answer is None:
            raise self._silent()
        return answer

    def _order(self, command: bytes) -> None:
        status = self._answer(command, frames.status)
        if status != c.Status.OK:
            raise refusal("take a setting", status)

    def _need_bits(self, bits: Bits) -> None:
        if self._bits == bits:
            return
        done, failed = bytes((c.ESC, c.Status.OK, *bits)), bytes((c.ESC, c.Status.FAILED))
        if self._answer(c.SET_BITS + bytes(bits), frames.exactly(done, failed)) == failed:
            raise refusal("take a setting", c.Status.FAILED)
        self._bits = bits

    def _collect(self, parse: Callable[[bytes], Answer | None], timeout_s: float) -> Answer | None:
        """What ``parse`` makes of what comes; None when nothing comes at all."""
        came, end = b"", self._clock() + timeout_s
        while piece := self._port.read(max(0.0, end - self._clock())):
            if not came:
                end = self._clock() + self._limits.block_s
            came += piece
            answer = parse(came)
            if answer is not None:
                return answer
            if self._clock() >= end:
                break
        if came:
            raise DeviceTimeout(f"The MSR605 stopped after {len(came)} bytes of an answer.", "Pull the card again.")
        return None

    def _wait_for_quiet(self) -> None:
        end = self._clock() + self._limits.longest_s
        while self._port.read(self._limits.quiet_s):
            if self._clock() >= end:
                raise ProtocolError("The device does not stop talking.", DEAF_HINT)

    def _silent(self) -> DeviceTimeout:
        return DeviceTimeout(f"The device at {self._port.name} does not answer as an MSR605.", DEAF_HINT)


def refusal(what: str, status: int) -> DeviceRefused:
    """The error of a device that did not do something."""
    name = c.Status(status).name if status in tuple(c.Status) else f"{status:02X}"
    hint = SWIPE_HINT if status in (c.Status.READ_WRITE_ERROR, c.Status.BAD_SWIPE) else ""
    return DeviceRefused(f"The MSR605 did not {what}: {c.status_words(status)}.", hint, code=status, name=name)
