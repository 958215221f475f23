"""``swipe:hid`` and ``swipe:hid:0801:0002``: swipe readers that are HID devices, through pyusb (card-hardware.md D.3).

Readers that type as a keyboard are for the operating system; many can be switched to the other kind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from countertop_drivers.address import Address, UsbAddress
from countertop_drivers.discovery import Found
from countertop_drivers.errors import DeviceRefused, DeviceTimeout, DriverError, DriverUnavailable, ProtocolError
from countertop_drivers.link import Closing, Swipe
from countertop_drivers.swipe_hid.descriptor import InputReport, input_report
from countertop_drivers.swipe_hid.reports import ID_TECH, MAGTEK, OWN_SIZE, PLAIN_SIZE, SECURE_SIZE, Report, parse
from countertop_drivers.usb import UsbInterface, candidates, open_interface

HID_CLASS = 0x03
#: Vendor and product of readers that are looked for; others are opened by their ids.
KNOWN = frozenset({(MAGTEK, 0x0002), (ID_TECH, 0x2010)})
WHAT = "swipe reader"
KEYBOARD_HINT = "If it types as a keyboard, switch it to HID mode with its maker's program."
# GET_DESCRIPTOR of a report descriptor, asked of the interface (HID 1.11, 7.1.1).
_TO_INTERFACE_IN, _GET_DESCRIPTOR, _REPORT_DESCRIPTOR, _LONGEST_DESCRIPTOR = 0x81, 6, 0x2200, 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is too long, in seconds.

    ``answer_s``: to answer a control request.  ``rest_s``: for the rest of a report that has begun.  ``quiet_s``: a
    silence that shows that nothing more is coming.  ``longest_s``: for that silence.
    """

    answer_s: float = 1.0
    rest_s: float = 2.0
    quiet_s: float = 0.1
    longest_s: float = 1.0


class HidSwipeLink(Closing):
    """An open reader.  After a report that was no report, the next read leaves out what is left of it."""

    def __init__(
        self,
        pipe: UsbInterface,
        shape: InputReport,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pipe = pipe
        self._shape = shape
        self._limits = limits or Limits()
        self._clock = clock
        self._lost = False

    def read(self, timeout_s: float) -> Swipe | None:
        """The next pass of a card, or None when none came in time.

        Raises ProtocolError and DeviceTimeout for a report that is malformed or stops in its middle.
        """
        report = self.read_report(timeout_s)
        return None if report is None else report.swipe()

    def read_report(self, timeout_s: float) -> Report | None:
        """The same with all that the reader says of it."""
        end = self._clock() + timeout_s
        if self._lost:
            self._drain()
        try:
            data = self._whole(end)
            return None if data is None else parse(data)
        except DriverError:
            self._lost = True
            raise

    def reset(self) -> None:
        """Reset the reader on its bus; what it was about to send is gone."""
        self._pipe.reset()
        self._drain()

    def close(self) -> None:
        """Let go of the reader; the kernel gets it back."""
        self._pipe.close()

    def _whole(self, end: float) -> bytes | None:
        """One report, joined of as many packets as it takes."""
        size = self._shape.size + self._shape.numbered
        packet = self._pipe.packet_size("interrupt", True)
        came = b""
        while len(came) < size:
            piece = self._pipe.interrupt_in(size - len(came), max(0.0, end - self._clock()))
            if piece is None:
                if not came:
                    return None
                raise DeviceTimeout(f"{self._pipe.name} stopped after {len(came)} of {size} bytes.", "Swipe again.")
            if piece and not came:
                end = self._clock() + self._limits.rest_s
            came += piece
            if len(came) < size and (len(piece) % packet or (came and not piece)):
                raise ProtocolError(f"{self._pipe.name} sent {len(came)} bytes where a report has {size}.")
            if not came and self._clock() >= end:
                return None
        if len(came) > size:
            raise ProtocolError(f"{self._pipe.name} sent {len(came)} bytes where a report has {size}.")
        return came[self._shape.numbered :]

    def _drain(self) -> None:
        end = self._clock() + self._limits.longest_s
        while self._pipe.interrupt_in(self._shape.size, self._limits.quiet_s) is not None:
            if self._clock() >= end:
                raise ProtocolError(f"{self._pipe.name} does not stop talking.", "Unplug it and plug it in again.")
        self._lost = False


def open_url(details: str, *, backend: Any = None, limits: Limits | None = None) -> HidSwipeLink:
    """Open ``swipe:DETAILS``.  An address with ids is taken at its word, for readers that are not known here.

    Raises DeviceGone when nothing such is plugged in, DriverUnavailable when its reports are no swipe reader's.
    """
    address = Address.parse(details, "hid")
    assert isinstance(address, UsbAddress)

    def usable(interface: Any) -> bool:
        return _is_hid(interface) and (address.vendor is not None or _known(interface))

    limits = limits or Limits()
    pipe, _ = open_interface(usable, address, WHAT, backend)
    try:
        return HidSwipeLink(pipe, _shape(pipe, limits), limits)
    except BaseException:
        pipe.close()
        raise


def discover(timeout_s: float, *, backend: Any = None) -> list[Found]:
    """Every known one that is plugged in."""
    found = candidates(lambda interface: _is_hid(interface) and _known(interface), backend=backend)
    return [Found(f"swipe:hid:{one.place}", one.title) for one in found]


def _is_hid(interface: Any) -> bool:
    return bool(interface.bInterfaceClass == HID_CLASS)


def _known(interface: Any) -> bool:
    return (interface.device.idVendor, interface.device.idProduct) in KNOWN


def _shape(pipe: UsbInterface, limits: Limits) -> InputReport:
    try:
        descriptor = pipe.control_in(
            _TO_INTERFACE_IN, _GET_DESCRIPTOR, _REPORT_DESCRIPTOR, _LONGEST_DESCRIPTOR, limits.answer_s
        )
    except (DeviceRefused, DeviceTimeout):
        return InputReport(PLAIN_SIZE)
    shape = input_report(descriptor)
    if shape.size not in (PLAIN_SIZE, OWN_SIZE) and shape.size < SECURE_SIZE:
        raise DriverUnavailable(f"{pipe.name} has reports of {shape.size} bytes: no swipe reader's.", KEYBOARD_HINT)
    return shape
