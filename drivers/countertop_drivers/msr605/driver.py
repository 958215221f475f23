"""``msr605:serial:/dev/ttyUSB0``: reads, writes and erases magnetic stripes with an MSR605 or a relative of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from countertop_drivers.address import Address, SerialAddress
from countertop_drivers.discovery import Found
from countertop_drivers.errors import BadAddress, ProtocolError
from countertop_drivers.link import Closing, Swipe, Tracks
from countertop_drivers.msr605 import commands as c
from countertop_drivers.msr605 import frames
from countertop_drivers.msr605.exchange import Bits, Exchange, Limits
from countertop_drivers.msr605.swipes import iso_swipe, raw_swipe
from countertop_drivers.serial_port import SerialPort, open_serial, serial_ports
from countertop_drivers.track_bits import mirrored
from countertop_drivers.tracks import code_for

BAUD = 9600
#: USB ids of the bridge inside; other things have it, too.
PL2303 = (0x067B, 0x2303)
LONGEST_VERSION = 32


class Msr605Link(Closing):
    """An open MSR605: a swipe link and a track writer.

    After any failure but DeviceGone the next command resets the device first; :meth:`reset` does it at once.
    """

    def __init__(
        self, port: SerialPort, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._exchange = Exchange(port, limits, clock)
        self._iso_bits: Bits = c.ISO_BITS

    # Cards.

    def read(self, timeout_s: float) -> Swipe | None:
        """The next pass of a card as text, or None when none came in time.

        The device goes on waiting between two reads, so that no pass is missed; :meth:`cancel` ends that, as does
        every other command.  Raises DeviceTimeout when it stops in the middle of an answer.
        """
        block = self._exchange.next_card(c.READ_ISO, self._iso_bits, frames.iso_block, timeout_s)
        return None if block is None else iso_swipe(block)

    def read_raw(self, timeout_s: float) -> Swipe | None:
        """The next pass as bits, the first that was read as the most significant, and as text where they are that."""
        block = self._exchange.next_card(c.READ_RAW, c.RAW_BITS, frames.raw_block, timeout_s)
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
        self._exchange.change_card(c.WRITE_ISO + frames.iso_text(tracks), self._iso_bits, "write", timeout_s)

    def write_raw(self, raw: Tracks, timeout_s: float = 30.0) -> None:
        """Write bits, the first as the most significant; the device puts its leading zeros before them.

        Raises as :meth:`write` does.
        """
        _demand_some(raw)
        # It reads the most significant bit first, and writes the least significant first (manual, section 7).
        first, second, third = (None if track is None else mirrored(track) for track in raw)
        self._exchange.change_card(
            c.WRITE_RAW + frames.raw_bits((first, second, third)), c.RAW_BITS, "write", timeout_s
        )

    def erase(self, which: tuple[bool, bool, bool], timeout_s: float = 30.0) -> None:
        """Erase the chosen ones of tracks 1 to 3 of the next card.  Raises as :meth:`write` does."""
        if which not in c.SELECT:
            raise BadAddress("No track was chosen.", "Choose those to erase: (True, True, True) is all.")
        self._exchange.change_card(c.ERASE + bytes((c.SELECT[which],)), None, "erase", timeout_s)

    def cancel(self) -> None:
        """Stop waiting for a card."""
        if self._exchange.waiting is not None:
            self._exchange.reset()

    # How it writes.  Kept by the link, and set again after each reset.

    def set_coercivity(self, high: bool) -> None:
        """Write with high coercivity or low."""
        self._exchange.set("coercivity", c.SET_HIGH if high else c.SET_LOW)

    def coercivity(self) -> bool:
        """True when the device writes with high coercivity."""
        answers = (c.HIGH, c.LOW, c.HIGH.lower(), c.LOW.lower())
        return self._exchange.ask(c.GET_COERCIVITY, frames.exactly(*answers)).upper() == c.HIGH

    def set_leading_zeros(self, tracks_1_and_3: int, track_2: int) -> None:
        """How many zeros stand before what is written, 0 to 255."""
        self._exchange.set("leading zeros", c.SET_LEADING_ZEROS + bytes((_byte(tracks_1_and_3), _byte(track_2))))

    def leading_zeros(self) -> tuple[int, int]:
        """How many zeros the device writes, on tracks 1 and 3, and on track 2."""
        answer = self._exchange.ask(c.GET_LEADING_ZEROS, frames.of_size(3))
        return answer[0], answer[1]

    def set_density(self, track: int, high: bool) -> None:
        """Write a track with 210 bits an inch (high) or 75."""
        if track not in (1, 2, 3):
            raise BadAddress(f"There is no track {track}.", "There are tracks 1, 2 and 3.")
        self._exchange.set(f"density {track}", c.SET_DENSITY + bytes((c.DENSITY[track - 1][high],)))

    def set_bits_per_character(self, bits: Bits) -> None:
        """Bits of each character, parity included, of text on tracks 1 to 3: 5 to 8; usually 7, 5 and 5."""
        if not all(5 <= one <= 8 for one in bits):
            raise BadAddress(f"{bits} are no bits a character.", "Each track has 5 to 8.")
        self._exchange.set_bits(bits)
        self._iso_bits = bits

    # The device itself.

    def light(self, light: c.Light) -> None:
        """Switch its lights; a later command may switch them again."""
        self._exchange.tell(light.value)

    def firmware(self) -> str:
        """What version it says it is, such as ``REVT1.02``."""
        # Nothing ends a version, and relatives have longer ones.
        return self._exchange.ask_for_text(c.GET_FIRMWARE, LONGEST_VERSION).decode("latin-1").strip()

    def model(self) -> str:
        """One character; :data:`.commands.MODEL_TRACKS` says which tracks such a device has."""
        return self._exchange.ask(c.GET_MODEL, frames.model)

    def test_line(self) -> None:
        """Raises DeviceTimeout or ProtocolError unless the device answers as an MSR605 does."""
        self._exchange.ask(c.TEST_LINE, frames.exactly(c.LINE_WORKS))

    def test_memory(self) -> bool:
        """Whether the device finds its memory sound."""
        return self._exchange.ask(c.TEST_MEMORY, frames.status) == c.Status.OK

    def test_sensor(self, timeout_s: float = 30.0) -> None:
        """Wait until its sensor sees a card.  Raises DeviceTimeout when none passes, DeviceRefused when it fails."""
        self._exchange.change_card(c.TEST_SENSOR, None, "test its sensor", timeout_s)

    def reset(self) -> None:
        """Make the device forget what it does, and set it as it was set before.

        Raises DeviceTimeout when it does not answer, ProtocolError when it does not stop talking.
        """
        self._exchange.reset()

    def close(self) -> None:
        """Stop waiting for a card and let go of the port."""
        self._exchange.close()


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
