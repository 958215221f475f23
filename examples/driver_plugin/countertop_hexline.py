"""``hexline:HOST:PORT``: a card reader behind a TCP port.  A line is asked, a line is answered.

========== ==========================================
``there?`` ``yes`` or ``no``: whether a card is there
``on``     the ATR in hexadecimal, or ``no`` card
``off``    ``yes``
an APDU    its response, both in hexadecimal
========== ==========================================
"""

from __future__ import annotations

import socket

from countertop_drivers import BadAddress, CardAbsent, DeviceGone, ProtocolError
from countertop_drivers.link import Closing, poll

TIMEOUT_S = 10.0
LONGEST_LINE = 2 * 65_538 + 2  # a response with 65 536 bytes and its status


class HexlineLink(Closing):
    """A card slot at the other end of a connection.  ``Closing`` gives it ``with``."""

    def __init__(self, host: str, port: int, timeout_s: float = TIMEOUT_S) -> None:
        self._name = f"{host}:{port}"
        self._powered = False
        try:
            self._socket = socket.create_connection((host, port), timeout_s)
        except OSError as error:
            raise DeviceGone(f"{self._name} cannot be reached: {error}.", "Start it, and try again.") from error
        self._answers = self._socket.makefile("rb")

    @property
    def present(self) -> bool:
        """True while a card is there."""
        return self._ask("there?") == "yes"

    def power_on(self) -> bytes:
        """The card's ATR.  Raises CardAbsent when there is none."""
        answer = self._ask("on")
        if answer == "no":
            raise CardAbsent("There is no card.", "Insert one.")
        self._powered = True
        return self._bytes(answer)

    def transmit(self, apdu: bytes) -> bytes:
        """The response to a command.  Raises CardAbsent when the card has no power, or left."""
        answer = self._ask(apdu.hex()) if self._powered else "no"
        if answer == "no":
            self._powered = False
            raise CardAbsent("The card has no power.", "Call power_on().")
        return self._bytes(answer)

    def power_off(self) -> None:
        """Take the card's power away."""
        if self._powered:
            self._powered = False
            self._ask("off")

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Look every 50 ms until a card is there, or gone."""
        return poll(lambda: self.present, present, timeout_s)

    def describe(self) -> dict[str, str]:
        """What ``probe`` prints about the device."""
        return {"reader": f"lines of hexadecimal at {self._name}"}

    def close(self) -> None:
        """Hang up; the reader takes the card's power away."""
        self._powered = False
        self._answers.close()
        self._socket.close()

    def _ask(self, line: str) -> str:
        try:
            self._socket.sendall(line.encode("ascii") + b"\n")
            answer = self._answers.readline(LONGEST_LINE)
        except (OSError, ValueError) as error:  # ValueError: it was closed
            # After a time-out too: an answer that comes late must not be taken for the next one's.
            self.close()
            raise DeviceGone(f"{self._name} does not answer: {error}.") from error
        if not answer.endswith(b"\n"):
            self.close()
            raise DeviceGone(f"{self._name} hung up.")
        return answer.decode("ascii", "replace").strip()

    def _bytes(self, answer: str) -> bytes:
        try:
            data = bytes.fromhex(answer)
        except ValueError:
            data = b""
        if len(data) < 2:
            raise ProtocolError(f"{self._name} answered {answer[:40]!r}, which is no hexadecimal of two bytes or more.")
        return data


def open_hexline(details: str) -> HexlineLink:
    """Open what stands behind ``hexline:``.  Raises BadAddress, DeviceGone."""
    host, _, port = details.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise BadAddress(f"hexline:{details[:80]} names no port.", "Write hexline:127.0.0.1:7000")
    return HexlineLink(host, int(port))
