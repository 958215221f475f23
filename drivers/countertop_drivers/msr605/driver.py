"""``msr605:serial:/dev/ttyUSB0``: reads, writes and erases magnetic stripes with an MSR605 or a relative of it.

The device answers nothing while it waits for a card, so waiting is ended with a reset; a reset makes it forget
what it was set to, so the link sets it again (card-hardware.md D.2).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from countertop_drivers.address import Address, SerialAddress
from countertop_drivers.discovery import Found
from countertop_drivers.errors import BadAddress, DeviceRefused, DeviceTimeout, DriverError, ProtocolError
from countertop_drivers.link import Closing, Swipe, Tracks
from countertop_drivers.msr605 import commands as c
from countertop_drivers.msr605 import frames
from countertop_drivers.msr605.swipes import iso_swipe, raw_swipe
from countertop_drivers.serial_port import SerialPort, open_serial, serial_ports
from countertop_drivers.track_bits import mirrored
from countertop_drivers.tracks import code_for

BAUD = 9600
#: USB ids of the bridge inside; other things have it, too.
PL2303 = (0x067B, 0x2303)
SWIPE_HINT = "Pull a card through while the yellow light is on."
DEAF_HINT = "Is it an MSR605, has it power, and is ?baud= right?"
RESETS = 2
LONGEST_VERSION = 32
Answer = TypeVar("Answer")


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


class Msr605Link(Closing):
    """An open MSR605: a swipe link and a track writer.

    After any failure but DeviceGone the next command resets the device first; :meth:`reset` does it at once.
    """

    def __init__(
        self, port: SerialPort, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._port = port
        self._limits = limits or Limits()
        self._clock = clock
        self._waiting: bytes | None = None
        self._lost = True
        self._bits: tuple[int, int, int] = c.ISO_BITS
        self._iso_bits: tuple[int, int, int] = c.ISO_BITS
        self._settings: dict[str, bytes] = {}

    # Cards.

    def read(self, timeout_s: float) -> Swipe | None:
        """The next pass of a card as text, or None when none came in time.

        The device goes on waiting between two reads, so that no pass is missed; :meth:`cancel` ends that, as does
        every other command.  Raises DeviceTimeout when it stops in the middle of an answer.
        """
        block = self._pass(c.READ_ISO, self._iso_bits, frames.iso_block, timeout_s)
        return None if block is None else iso_swipe(block)

    def read_raw(self, timeout_s: float) -> Swipe | None:
        """The next pass as bits, the first that was read as the most significant, and as text where they are that."""
        block = self._pass(c.READ_RAW, c.RAW_BITS, frames.raw_block, timeout_s)
        return None if block is None else raw_swipe(block)

    def write(self, tracks: Tracks, timeout_s: float = 30.0) -> None:
        """Write texts without sentinels to the next card; None leaves a track as it is.

        Raises ProtocolError for characters that a track has not, DeviceTimeout when no card passes, DeviceRefused
        when the device could not write it.
        """
        _demand_some(tracks)
        for number, text in enumerate(tracks, 1):
            if text is not None and code_for(text, number).bits != self._iso_bits[number - 1]:
                hint = "set_bits_per_character() says how many the device writes."
                raise ProtocolError(f"Track {number} needs {code_for(text, number).bits} bits a character.", hint)
        self._change(c.WRITE_ISO + frames.iso_text(tracks), self._iso_bits, "write", timeout_s)

    def write_raw(self, raw: Tracks, timeout_s: float = 30.0) -> None:
        """Write bits, the first as the most significant; the device puts its leading zeros before them.

        Raises as :meth:`write` does.
        """
        _demand_some(raw)
        # It reads the most significant bit first, and writes the least significant first (manual, section 7).
        first, second, third = (None if track is None else mirrored(track) for track in raw)
        self._change(c.WRITE_RAW + frames.raw_bits((first, second, third)), c.RAW_BITS, "write", timeout_s)

    def erase(self, which: tuple[bool, bool, bool], timeout_s: float = 30.0) -> None:
        """Erase the chosen ones of tracks 1 to 3 of the next card.  Raises as :meth:`write` does."""
        if which not in c.SELECT:
            raise BadAddress("No track was chosen.", "Choose those to erase: (True, True, True) is all.")
        self._change(c.ERASE + bytes((c.SELECT[which],)), self._bits, "erase", timeout_s)

    def cancel(self) -> None:
        """Stop waiting for a card."""
        if self._waiting is not None:
            self.reset()

    # How it writes.  Kept by the link, and set again after each reset.

    def set_coercivity(self, high: bool) -> None:
        """Write with high coercivity or low."""
        self._set("coercivity", c.SET_HIGH if high else c.SET_LOW)

    def coercivity(self) -> bool:
        """True when the device writes with high coercivity."""
        answers = (c.HIGH, c.LOW, c.HIGH.lower(), c.LOW.lower())
        return self._ask(c.GET_COERCIVITY, frames.exactly(*answers)).upper() == c.HIGH

    def set_leading_zeros(self, tracks_1_and_3: int, track_2: int) -> None:
        """How many zeros stand before what is written, 0 to 255."""
        self._set("leading zeros", c.SET_LEADING_ZEROS + bytes((_byte(tracks_1_and_3), _byte(track_2))))

    def leading_zeros(self) -> tuple[int, int]:
        """How many zeros the device writes, on tracks 1 and 3, and on track 2."""
        answer = self._ask(c.GET_LEADING_ZEROS, frames.of_size(3))
        return answer[0], answer[1]

    def set_density(self, track: int, high: bool) -> None:
        """Write a track with 210 bits an inch (high) or 75."""
        if track not in (1, 2, 3):
            raise BadAddress(f"There is no track {track}.", "There are tracks 1, 2 and 3.")
        self._set(f"density {track}", c.SET_DENSITY + bytes((c.DENSITY[track - 1][high],)))

    def set_bits_per_character(self, bits: tuple[int, int, int]) -> None:
        """Bits of each character, parity included, of text on tracks 1 to 3: 5 to 8; usually 7, 5 and 5."""
        with self._failing():
            self._begin()
            self._set_bits(bits)
        self._iso_bits = bits

    # The device itself.

    def light(self, light: c.Light) -> None:
        """Switch its lights; a later command may switch them again."""
        with self._failing():
            self._begin()
            self._port.write(light.value)

    def firmware(self) -> str:
        """What version it says it is, such as ``REVT1.02``."""
        with self._failing():
            self._begin()
            self._port.write(c.GET_FIRMWARE)
            answer = self._collect(frames.anything, self._limits.answer_s)
            if answer is None:
                raise self._silent()
            # Nothing ends a version, and relatives have longer ones.
            while len(answer) < LONGEST_VERSION and (more := self._port.read(self._limits.quiet_s)):
                answer += more
            return answer[:LONGEST_VERSION].decode("latin-1").strip()

    def model(self) -> str:
        """One character; :data:`.commands.MODEL_TRACKS` says which tracks such a device has."""
        answer = self._ask(c.GET_MODEL, frames.of_size(3))
        if answer[1:] != b"S":
            self._lost = True
            raise ProtocolError("The MSR605 did not end its model with an S.")
        return answer[:1].decode("latin-1")

    def test_line(self) -> None:
        """Raises DeviceTimeout or ProtocolError unless the device answers as an MSR605 does."""
        self._ask(c.TEST_LINE, frames.exactly(c.LINE_WORKS))

    def test_memory(self) -> bool:
        """Whether the device finds its memory sound."""
        return self._ask(c.TEST_MEMORY, frames.status) == c.Status.OK

    def test_sensor(self, timeout_s: float = 30.0) -> None:
        """Wait until its sensor sees a card.  Raises DeviceTimeout when none passes, DeviceRefused when it fails."""
        self._change(c.TEST_SENSOR, self._bits, "test its sensor", timeout_s)

    def reset(self) -> None:
        """Make the device forget what it does, and set it as it was set before.

        Raises DeviceTimeout when it does not answer, ProtocolError when it does not stop talking.
        """
        self._waiting, self._lost = None, True
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
        """Stop waiting for a card and let go of the port."""
        with contextlib.suppress(DriverError):
            if self._waiting is not None:
                self._port.write(c.RESET)
        self._waiting = None
        self._port.close()

    # How all of it is done.

    def _pass(
        self, command: bytes, bits: tuple[int, int, int], parse: frames.Parser, timeout_s: float
    ) -> frames.Block | None:
        with self._failing():
            if self._waiting != command or self._lost:
                self._begin()
                self._need_bits(bits)
                self._port.write(command)
                self._waiting = command
            block = self._collect(parse, timeout_s)
            if block is None:
                return None
            self._waiting = None
            if block.status in (c.Status.FORMAT_ERROR, c.Status.INVALID_COMMAND):
                raise _refusal("read", block.status)
            return block

    def _change(self, command: bytes, bits: tuple[int, int, int], what: str, timeout_s: float) -> None:
        with self._failing():
            self._begin()
            self._need_bits(bits)
            self._port.write(command)
            status = self._collect(frames.status, timeout_s)
            if status is None:
                # It still waits: without this it would write the card of somebody who comes later.
                self.reset()
        if status is None:
            raise DeviceTimeout(f"No card passed the MSR605 in {timeout_s:g} s.", SWIPE_HINT)
        if status != c.Status.OK:
            raise _refusal(what, status)

    def _set(self, name: str, command: bytes) -> None:
        with self._failing():
            self._begin()
            self._order(command)
        self._settings[name] = command

    def _order(self, command: bytes) -> None:
        self._port.write(command)
        status = self._collect(frames.status, self._limits.answer_s)
        if status is None:
            raise self._silent()
        if status != c.Status.OK:
            raise _refusal("be set", status)

    def _need_bits(self, bits: tuple[int, int, int]) -> None:
        if self._bits != bits:
            self._set_bits(bits)

    def _set_bits(self, bits: tuple[int, int, int]) -> None:
        if not all(5 <= one <= 8 for one in bits):
            raise BadAddress(f"{bits} are no bits a character.", "Each track has 5 to 8.")
        self._port.write(c.SET_BITS + bytes(bits))
        done = bytes((c.ESC, c.Status.OK, *bits))
        failed = bytes((c.ESC, c.Status.FAILED))
        answer = self._collect(frames.exactly(done, failed), self._limits.answer_s)
        if answer is None:
            raise self._silent()
        if answer == failed:
            raise _refusal("be set", c.Status.FAILED)
        self._bits = bits

    def _ask(self, command: bytes, parse: Callable[[bytes], Answer | None]) -> Answer:
        with self._failing():
            self._begin()
            self._port.write(command)
            answer = self._collect(parse, self._limits.answer_s)
            if answer is None:
                raise self._silent()
            return answer

    def _begin(self) -> None:
        if self._lost or self._waiting is not None:
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


def open_url(details: str, *, limits: Limits | None = None) -> Msr605Link:
    """Open ``msr605:DETAILS``, such as ``serial:/dev/ttyUSB0?baud=9600``; resets the device and tests the line."""
    address = Address.parse(details, "serial")
    assert isinstance(address, SerialAddress)
    link = Msr605Link(open_serial(address, BAUD), limits)
    try:
        link.reset()
    except BaseException:
        link.close()
        raise
    return link


def discover(timeout_s: float) -> list[Found]:
    """Ports with the bridge that an MSR605 has inside.  Nothing is sent to them, so what they are is a guess."""
    return [
        Found(f"msr605:serial:{port.path}", f"perhaps an MSR605 ({port.title})")
        for port in serial_ports()
        if (port.vendor, port.product) == PL2303
    ]


def _demand_some(tracks: Tracks) -> None:
    if not any(tracks):
        raise BadAddress("There is nothing to write.", "Give at least one track; erase() empties them.")


def _byte(number: int) -> int:
    if not 0 <= number <= 255:
        raise BadAddress(f"{number} leading zeros cannot be set.", "Set 0 to 255.")
    return number


def _refusal(what: str, status: int) -> DeviceRefused:
    name = c.Status(status).name if status in tuple(c.Status) else f"{status:02X}"
    hint = SWIPE_HINT if status in (c.Status.READ_WRITE_ERROR, c.Status.BAD_SWIPE) else ""
    return DeviceRefused(f"The MSR605 did not {what}: {c.status_words(status)}.", hint, code=status, name=name)
