"""One claimed interface of a USB device: its endpoints, transfers with time-outs, and its end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from countertop_drivers.errors import DeviceGone, DeviceRefused, DeviceTimeout, DriverError
from countertop_drivers.usb.failures import STALL, translated

_IN = 0x80
_KINDS = {0: "control", 1: "isochronous", 2: "bulk", 3: "interrupt"}
LARGEST_READ = 1 << 17


class UsbInterface:
    """A claimed interface.  Time-outs are seconds; one of 0 looks without waiting.

    After the device was unplugged every method but :meth:`close` raises DeviceGone.  A stall is cleared
    before it is raised, as DeviceRefused with the name ``STALL``.
    """

    def __init__(self, device: Any, number: int, name: str, closing: Callable[[], None] | None = None) -> None:
        """Claim interface ``number`` of a ``usb.core.Device``; detaches a kernel driver that holds it.

        ``closing`` is called after the interface was released.
        """
        self.name = name
        self._closing = closing
        self.number = number
        self._device = device
        self._gone = False
        self._reattach = False
        with self._translated("open"):
            with contextlib.suppress(NotImplementedError):
                if device.is_kernel_driver_active(number):
                    device.detach_kernel_driver(number)
                    self._reattach = True
            configuration = device.get_active_configuration()
            self._interface = next(one for one in configuration if one.bInterfaceNumber == number)
            import usb.util

            usb.util.claim_interface(device, number)
        self._endpoints: dict[tuple[str, bool], int] = {}
        self._packet: dict[int, int] = {}
        for endpoint in self._interface:
            key = (_KINDS[endpoint.bmAttributes & 3], bool(endpoint.bEndpointAddress & _IN))
            self._endpoints.setdefault(key, endpoint.bEndpointAddress)
            self._packet[endpoint.bEndpointAddress] = max(1, endpoint.wMaxPacketSize & 0x7FF)

    @property
    def extra_descriptors(self) -> list[bytes]:
        """What stands behind the interface descriptor and behind each endpoint's: class descriptors, unparsed."""
        extras = [bytes(self._interface.extra_descriptors)]
        return extras + [bytes(endpoint.extra_descriptors) for endpoint in self._interface]

    def has(self, kind: str, inward: bool) -> bool:
        """Whether there is an endpoint of this kind (``bulk``, ``interrupt``) and direction."""
        return (kind, inward) in self._endpoints

    def bulk_out(self, data: bytes, timeout_s: float) -> None:
        """Send one transfer.  Raises DeviceTimeout when the device does not take all of it in time."""
        endpoint = self._endpoint("bulk", False)
        with self._translated("send"):
            sent = self._device.write(endpoint, data, _milliseconds(timeout_s))
        if sent != len(data):
            raise DeviceTimeout(f"{self.name}: it took {sent} of {len(data)} bytes.")

    def bulk_in(self, size: int, timeout_s: float) -> bytes:
        """One transfer of at most ``size`` bytes; a short packet ends it."""
        return self._read("bulk", size, timeout_s)

    def interrupt_in(self, size: int, timeout_s: float) -> bytes | None:
        """One report of at most ``size`` bytes, or None when none came in time."""
        try:
            return self._read("interrupt", size, timeout_s)
        except DeviceTimeout:
            return None

    def packet_size(self, kind: str, inward: bool) -> int:
        """The largest packet of that endpoint, in bytes."""
        return self._packet[self._endpoint(kind, inward)]

    def control_out(self, request_type: int, request: int, value: int, data: bytes, timeout_s: float) -> None:
        """A control request to this interface, with or without data."""
        with self._translated("control"):
            self._device.ctrl_transfer(request_type, request, value, self.number, data, _milliseconds(timeout_s))

    def control_in(self, request_type: int, request: int, value: int, size: int, timeout_s: float) -> bytes:
        """A control request that answers with at most ``size`` bytes."""
        with self._translated("control"):
            answer = self._device.ctrl_transfer(
                request_type, request, value, self.number, size, _milliseconds(timeout_s)
            )
        return bytes(answer)

    def reset(self) -> None:
        """Reset the device on its bus; it forgets everything."""
        with self._translated("reset"):
            self._device.reset()

    def close(self) -> None:
        """Release the interface; give it back to the kernel if it was the kernel's."""
        import usb.util

        with contextlib.suppress(DriverError), translated(self.name):
            if not self._gone:
                usb.util.release_interface(self._device, self.number)
                if self._reattach:
                    self._device.attach_kernel_driver(self.number)
        with contextlib.suppress(DriverError), translated(self.name):
            usb.util.dispose_resources(self._device)
        self._gone = True
        if self._closing is not None:
            self._closing()

    def _endpoint(self, kind: str, inward: bool) -> int:
        try:
            return self._endpoints[kind, inward]
        except KeyError:
            raise DriverError(f"{self.name} has no {kind} endpoint {'in' if inward else 'out'}.") from None

    def _read(self, kind: str, size: int, timeout_s: float) -> bytes:
        endpoint = self._endpoint(kind, True)
        # Whole packets only: a device that fills the last one would otherwise overflow the buffer.
        packet = self._packet[endpoint]
        room = min(-(-size // packet) * packet, LARGEST_READ)
        with self._translated("read"):
            return bytes(self._device.read(endpoint, room, _milliseconds(timeout_s)))

    @contextlib.contextmanager
    def _translated(self, doing: str) -> Any:
        if self._gone:
            raise DeviceGone(f"{self.name}: the link is closed.", "Open it again.")
        try:
            with translated(f"{self.name}: {doing}"):
                yield
        except DeviceGone:
            self._gone = True
            raise
        except DeviceRefused as refusal:
            if refusal.name == STALL:
                self._clear_halts()
            raise

    def _clear_halts(self) -> None:
        for (kind, _), endpoint in self._endpoints.items():
            if kind in ("bulk", "interrupt"):
                with contextlib.suppress(DriverError), translated(self.name):
                    self._device.clear_halt(endpoint)


def _milliseconds(timeout_s: float) -> int:
    # libusb takes 0 for ever.
    return max(1, round(timeout_s * 1000))
