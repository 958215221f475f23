"""The bulk pipes of a reader: one command at a time, its answer by sequence number, and what to do when none comes."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from countertop_drivers.ccid.descriptor import HEADER, CcidDescriptor
from countertop_drivers.ccid.failures import failure_of
from countertop_drivers.ccid.messages import (
    ABORT,
    COMMANDS,
    FAILED,
    HARDWARE_ERROR,
    MORE_TIME,
    SLOT_STATUS,
    Answer,
    Command,
    claimed_length,
    slot_changes,
)
from countertop_drivers.errors import DeviceGone, DeviceRefused, DeviceTimeout, DriverError, ProtocolError

CONTROL_ABORT, REQUEST_OUT, REQUEST_IN = 0x01, 0x21, 0xA1
GET_CLOCK_FREQUENCIES, GET_DATA_RATES = 0x02, 0x03
# A reader that sends more of these before an answer is not about to give one.
MOST_STRAYS, MOST_EXTENSIONS = 32, 5000


class Pipe(Protocol):
    """What a reader is reached by; :class:`countertop_drivers.usb.UsbInterface` is one.  Time-outs in seconds."""

    name: str

    def bulk_out(self, data: bytes, timeout_s: float) -> None: ...
    def bulk_in(self, size: int, timeout_s: float) -> bytes: ...
    def interrupt_in(self, size: int, timeout_s: float) -> bytes | None: ...
    def has(self, kind: str, inward: bool) -> bool: ...
    def control_out(self, request_type: int, request: int, value: int, data: bytes, timeout_s: float) -> None: ...
    def control_in(self, request_type: int, request: int, value: int, size: int, timeout_s: float) -> bytes: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take, in seconds.

    ``answer_s``: until an answer or a request for more time; ``longest_s``: one command altogether, however
    often the reader asks for more time; ``abort_s``: until a reader has given up a command.
    """

    answer_s: float = 6.0
    longest_s: float = 120.0
    abort_s: float = 1.0


class CcidReader:
    """A reader that is open.  Safe to use from several threads; commands wait for each other."""

    def __init__(
        self,
        pipe: Pipe,
        descriptor: CcidDescriptor,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.descriptor = descriptor
        self.limits = limits or Limits()
        self._pipe = pipe
        self._clock = clock
        self._seq = 0
        self._lock = threading.RLock()
        self._unanswered: Command | None = None

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return self._pipe.name

    def ask(
        self,
        kind: int,
        slot: int,
        data: bytes = b"",
        specific: bytes = bytes(3),
        *,
        timeout_s: float | None = None,
        failing: bool = True,
    ) -> Answer:
        """One command and its answer.

        A failed answer is raised (``failing`` False returns it).  When none comes in time the command is
        aborted, so that the next one finds a reader that listens: DeviceTimeout, or ProtocolError when
        what came was none.
        """
        if len(data) + HEADER > self.descriptor.max_message:
            most = self.descriptor.max_message - HEADER
            raise DeviceRefused(f"{len(data)} bytes are more than this reader takes ({most}).", name="MESSAGE_LENGTH")
        with self._lock:
            if self._unanswered is not None:
                self._give_up(self._unanswered)
            command = Command(kind, slot, self._seq, specific, data)
            self._seq = (self._seq + 1) & 0xFF
            self._unanswered = command
            try:
                self._pipe.bulk_out(command.encoded, self.limits.answer_s)
                answer = self._answer(command, timeout_s or self.limits.answer_s)
            except DeviceGone:
                raise
            except DriverError:
                with contextlib.suppress(DeviceTimeout, ProtocolError, DeviceRefused):
                    self._give_up(command)
                raise
            self._unanswered = None
        if failing and answer.outcome == FAILED:
            raise failure_of(kind, answer)
        return answer

    def abort(self, slot: int) -> None:
        """End whatever the slot is doing (CCID 1.10, 5.3.1)."""
        with self._lock:
            self._give_up(Command(ABORT, slot, self._seq))
            self._seq = (self._seq + 1) & 0xFF

    def event(self, timeout_s: float) -> list[tuple[bool, bool]] | None:
        """The next slot change (present, changed per slot), or None in time.  Raises DeviceRefused on HardwareError."""
        size = 1 + -(-self.descriptor.slots // 4)
        report = self._pipe.interrupt_in(max(size, 4), timeout_s)
        if not report:
            return None
        if report[0] == HARDWARE_ERROR:
            code = report[3] if len(report) > 3 else 0
            raise DeviceRefused(f"{self.name} reports a hardware error ({code:02X}).", code=code, name="HARDWARE_ERROR")
        return slot_changes(report)[: self.descriptor.slots]

    @property
    def tells_changes(self) -> bool:
        """Whether it has an interrupt pipe."""
        return self._pipe.has("interrupt", True)

    def clock_frequencies(self) -> list[int]:
        """In kHz; empty when the reader has only its default (and may stall the request)."""
        return self._numbers(GET_CLOCK_FREQUENCIES, self.descriptor.clocks)

    def data_rates(self) -> list[int]:
        """In bit/s; empty when the reader does not list them."""
        return self._numbers(GET_DATA_RATES, self.descriptor.data_rates)

    def reset(self) -> None:
        """Reset the device on its bus; every card loses its power and what was under way is forgotten."""
        with self._lock:
            self._pipe.reset()
            self._unanswered = None
            self._drain()

    def close(self) -> None:
        """Let go of the device."""
        self._pipe.close()

    def _numbers(self, request: int, count: int) -> list[int]:
        if not count:
            return []
        try:
            data = self._pipe.control_in(REQUEST_IN, request, 0, 4 * count, self.limits.answer_s)
        except DeviceRefused:
            return []
        return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data) - 3, 4)]

    def _answer(self, command: Command, timeout_s: float) -> Answer:
        """The answer to this command; answers to earlier ones are dropped, time extensions waited for."""
        wanted = COMMANDS[command.kind][0]
        last = self._clock() + max(self.limits.longest_s, timeout_s)
        end = self._clock() + timeout_s
        strays = extensions = 0
        while True:
            answer = self._read(min(end, last))
            if (answer.slot, answer.seq) != (command.slot, command.seq):
                strays += 1
                if strays > MOST_STRAYS:
                    raise ProtocolError(f"{self.name} answers other commands than the one that was sent.")
            elif answer.outcome == MORE_TIME:
                extensions += 1
                if extensions > MOST_EXTENSIONS:
                    raise DeviceTimeout(f"{self.name} asks for more time without an end.")
                end = self._clock() + timeout_s
            elif answer.kind != wanted and not (answer.kind == SLOT_STATUS and answer.outcome == FAILED):
                raise ProtocolError(f"{self.name} answered {COMMANDS[command.kind][1]} with {answer.kind:02X}.")
            elif answer.outcome not in (0, FAILED):
                raise ProtocolError(f"{self.name} answered with the reserved status {answer.status:02X}.")
            else:
                return answer

    def _read(self, end: float) -> Answer:
        """One whole message, in as many transfers as it takes."""
        message, empty = b"", 0
        while True:
            left = end - self._clock()
            if left <= 0:
                raise self._late(message)
            try:
                piece = self._pipe.bulk_in(self.descriptor.max_message, left)
            except DeviceTimeout:
                raise self._late(message) from None
            empty += not piece
            if empty > MOST_STRAYS:
                raise ProtocolError(f"{self.name} sends nothing but empty packets.")
            message += piece
            if len(message) < 5:
                continue
            claimed = claimed_length(message)
            if claimed > self.descriptor.max_message:
                raise ProtocolError(f"{self.name} announces {claimed} bytes, more than it says it ever sends.")
            if len(message) >= claimed:
                return Answer.parse(message)

    def _late(self, message: bytes) -> DriverError:
        if message:
            return ProtocolError(f"{self.name} stopped in the middle of an answer ({len(message)} bytes of it came).")
        return DeviceTimeout(f"{self.name} did not answer in time.")

    def _give_up(self, command: Command) -> None:
        """Abort on both pipes with the same number, and read until the reader confirms it."""
        self._unanswered = command
        with contextlib.suppress(DeviceRefused, DeviceTimeout):
            value = command.seq << 8 | command.slot
            self._pipe.control_out(REQUEST_OUT, CONTROL_ABORT, value, b"", self.limits.abort_s)
        self._pipe.bulk_out(Command(ABORT, command.slot, command.seq).encoded, self.limits.abort_s)
        end = self._clock() + self.limits.abort_s
        for _ in range(MOST_STRAYS):
            try:
                answer = self._read(end)
            except ProtocolError:
                if self._clock() >= end:
                    raise
                continue
            if answer.kind == SLOT_STATUS and (answer.slot, answer.seq) == (command.slot, command.seq):
                self._unanswered = None
                return
        raise ProtocolError(f"{self.name} does not confirm an abort.", "Reset it.")

    def _drain(self) -> None:
        with contextlib.suppress(DeviceTimeout, DeviceRefused, ProtocolError):
            for _ in range(MOST_STRAYS):
                self._pipe.bulk_in(self.descriptor.max_message, 0.02)
