"""``vpcd:listen:35963``: a card that connects by TCP, as virtual cards do to pcscd's vpcd (card-hardware.md H.1).

This side listens and plays the reader.  A card that hangs up has been taken out; the next one may connect.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time

from countertop_drivers.address import Address, ListenAddress
from countertop_drivers.ccid.apdu import Apdu
from countertop_drivers.ccid.t0 import complete
from countertop_drivers.errors import BadAddress, CardAbsent, CardMute, DeviceGone, DeviceTimeout, ProtocolError
from countertop_drivers.link import Closing

POWER_OFF, POWER_ON, RESET, GET_ATR = b"\x00", b"\x01", b"\x02", b"\x04"
LONGEST = 65535
GLANCE_S = 0.25


class VpcdLink(Closing):
    """A listening socket as a slot.  ``timeout_s``: how long a card may think about one command."""

    def __init__(self, host: str, port: int, *, timeout_s: float = 30.0) -> None:
        self.timeout_s = timeout_s
        try:
            self._listener: socket.socket | None = socket.create_server((host, port), family=_family(host))
        except OSError as error:
            place = ListenAddress(host, port)
            raise BadAddress(
                f"Cannot listen at vpcd:{place}: {error.strerror or error}.", "Choose another port; 0 is any."
            ) from error
        self._card: socket.socket | None = None
        self._powered = False

    @property
    def port(self) -> int:
        """Where cards connect to."""
        return int(self._socket().getsockname()[1])

    @property
    def present(self) -> bool:
        """True while a card is connected."""
        return self._look(0.0)

    def power_on(self) -> bytes:
        """Power the card up, or reset it; its ATR.  Raises CardAbsent when none is connected."""
        if not self.present:
            raise CardAbsent("No card is connected.", f"Connect one to port {self.port}.")
        self._send(RESET if self._powered else POWER_ON)
        self._send(GET_ATR)
        atr = self._receive()
        if not 2 <= len(atr) <= 64:
            self._hang_up()
            raise CardMute(f"The card answered {len(atr)} bytes in place of an ATR.")
        self._powered = True
        return atr

    def transmit(self, apdu: bytes) -> bytes:
        """One command; 61xx and 6Cxx of a card that speaks T=0 are followed up."""
        if not self._powered:
            raise CardAbsent("The card has no power.", "Call power_on().")
        if not 4 <= len(apdu) <= LONGEST:
            raise ProtocolError(f"{len(apdu)} bytes are no command.")
        response = self._exchange(apdu)
        if response[0] not in (0x61, 0x6C) and (len(response) < 2 or response[-2] != 0x61):
            return response
        return complete(Apdu.parse(apdu), response, self._exchange, warnings=False)

    def power_off(self) -> None:
        """Take the power away."""
        powered, self._powered = self._powered, False
        if powered and self._card is not None:
            with contextlib.suppress(CardAbsent):
                self._send(POWER_OFF)

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait for a card to connect, or to hang up."""
        end = time.monotonic() + timeout_s
        while True:
            left = end - time.monotonic()
            if self._look(max(0.0, min(left, GLANCE_S)), present) is present:
                return True
            if left <= 0:
                return False

    def close(self) -> None:
        """Power off, hang up, and stop listening."""
        self.power_off()
        self._hang_up()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()

    def _look(self, timeout_s: float, wanted: bool = True) -> bool:
        """Whether a card is connected; waits for what is wanted while it is otherwise."""
        listener = self._socket()
        if self._card is not None:
            # A card never speaks first: what can be read now is its good-bye.
            ready, _, _ = select.select([self._card], [], [], 0.0 if wanted else timeout_s)
            if ready:
                self._hang_up()
        if self._card is None:
            ready, _, _ = select.select([listener], [], [], timeout_s if wanted else 0.0)
            if ready:
                self._card, _ = listener.accept()
                self._card.settimeout(self.timeout_s)
                self._card.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._card is not None

    def _exchange(self, apdu: bytes) -> bytes:
        self._send(apdu)
        response = self._receive()
        if len(response) < 2:
            self._hang_up()
            raise CardMute(f"The card answered {len(response)} bytes; a status has two.")
        return response

    def _send(self, message: bytes) -> None:
        card = self._connected()
        try:
            card.sendall(len(message).to_bytes(2, "big") + message)
        except OSError:
            self._hang_up()
            raise CardAbsent("The card hung up.") from None

    def _receive(self) -> bytes:
        """One message, within the time-out altogether; whoever sends half of one is hung up on."""
        end = time.monotonic() + self.timeout_s
        length = int.from_bytes(self._bytes(2, end), "big")
        return self._bytes(length, end)

    def _bytes(self, count: int, end: float) -> bytes:
        card = self._connected()
        data = b""
        while len(data) < count:
            try:
                card.settimeout(max(0.001, end - time.monotonic()))
                piece = card.recv(count - len(data))
            except TimeoutError:
                # The stream has lost its place.
                self._hang_up()
                raise DeviceTimeout("The card did not answer in time.") from None
            except OSError:
                piece = b""
            if not piece:
                self._hang_up()
                raise CardAbsent("The card hung up.")
            data += piece
        return data

    def _connected(self) -> socket.socket:
        if self._card is None:
            raise CardAbsent("No card is connected.")
        return self._card

    def _hang_up(self) -> None:
        card, self._card, self._powered = self._card, None, False
        if card is not None:
            card.close()

    def _socket(self) -> socket.socket:
        if self._listener is None:
            raise DeviceGone("The link is closed.", "Open it again.")
        return self._listener


def open_url(details: str) -> VpcdLink:
    """Open ``vpcd:listen:PORT``."""
    address = Address.parse(details, "listen")
    assert isinstance(address, ListenAddress)
    return VpcdLink(address.host, address.port)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
