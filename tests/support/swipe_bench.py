"""Swipe readers that misbehave, and a serial line in memory on which time passes only while somebody waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from countertop_drivers.link import Tracks
from countertop_drivers.msr605.driver import Msr605Link
from countertop_drivers.msr605.exchange import Limits
from countertop_drivers.serial_port import SerialPort
from countertop_drivers.virtual.hid_swipe import REPORT_IN, VirtualSwipeReader
from countertop_drivers.virtual.msr605 import VirtualMsr605
from countertop_drivers.virtual.serial_ends import ByteDevice

TRACKS: Tracks = (b"B4111111111111111^DOE/JANE^30122011234", b"4111111111111111=30122011234", b"0112345=1")
QUICK = Limits(answer_s=0.3, block_s=0.3, quiet_s=0.02, longest_s=0.3)
SLICE_S, BYTE_S = 0.02, 10 / 9600
Spoil = Callable[[bytes], Sequence[bytes]]


class Line:
    """What pyserial's port is to :class:`SerialPort`, with a device at its end.  ``babble`` comes without end,
    ``later`` after somebody has waited in vain."""

    def __init__(self, device: ByteDevice) -> None:
        self.now = 0.0
        self.babble = b""
        self.later = b""
        self._came = bytearray()
        self._device = device
        device.connect(self._came.extend)

    @property
    def in_waiting(self) -> int:
        """Bytes that have come."""
        return len(self._came) or len(self.babble)

    def write(self, data: bytes) -> None:
        """To the device."""
        self.now += len(data) * BYTE_S
        self._device.receive(data)

    def read(self, size: int) -> bytes:
        """What has come, or nothing after a while."""
        taken = bytes(self._came[:size]) or self.babble[:size]
        del self._came[:size]
        self.now += len(taken) * BYTE_S or SLICE_S
        if not taken:
            self._came += self.later
            self.later = b""
        return taken

    def close(self) -> None:
        """Nothing to let go of."""

    def clock(self) -> float:
        """Seconds."""
        return self.now


class SpoiltMsr605(VirtualMsr605):
    """``spoil`` makes of each answer what the host gets."""

    spoil: Spoil | None = None

    def connect(self, send: Callable[[bytes], None]) -> None:
        """Send what becomes of it."""

        def spoilt(data: bytes) -> None:
            for piece in [data] if self.spoil is None else self.spoil(data):
                send(piece)

        super().connect(spoilt)


class SpoiltReader(VirtualSwipeReader):
    """``spoil`` makes of each report what the host gets."""

    spoil: Spoil | None = None

    def put(self, endpoint: int, data: bytes) -> None:
        """Queue what becomes of it."""
        for piece in [data] if self.spoil is None or endpoint != REPORT_IN else self.spoil(data):
            super().put(endpoint, piece)


def on_a_line(device: VirtualMsr605) -> tuple[Msr605Link, Line]:
    """The driver on a line in memory, ready."""
    line = Line(device)
    link = Msr605Link(SerialPort(line, "memory", line.clock), QUICK, line.clock)
    link.reset()
    return link, line
