"""Serial ports: pyserial opened by an address, read and written with time-outs, its errors as the drivers' own.

Anything that pyserial can open is a port: ``/dev/ttyUSB0``, ``COM3``, ``socket://``, ``rfc2217://``, ``loop://``.
pyserial is imported when the first port is opened (extra ``serial``).
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from countertop_drivers.address import SerialAddress
from countertop_drivers.errors import (
    BadAddress,
    DeviceGone,
    DeviceTimeout,
    DriverError,
    DriverUnavailable,
    ProtocolError,
)

EXTRA_HINT = "Install it: pip install 'countertop[serial]', or pip install pyserial."
GROUP_HINT = "Your user is not in the port's group: sudo usermod -aG dialout $USER, then log in again."
BUSY_HINT = "Another program has it open: stop that one first."
LONGEST_READ = 4096
#: Where reading waits, it looks at the clock this often; setting pyserial's time-out anew would set up the port anew.
SLICE_S = 0.02
#: More than this waiting to be thrown away is a device that babbles.
LONGEST_REST = 65536


class PortFound(NamedTuple):
    """A serial port of this machine; USB ids where it is a USB bridge."""

    path: str
    title: str
    vendor: int | None
    product: int | None


class SerialPort:
    """An open port.  Every failure but a stalled write and a babbling device is DeviceGone: open it again."""

    def __init__(self, port: Any, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._clock = clock
        #: The port as its address names it.
        self.name = name

    def write(self, data: bytes) -> None:
        """Send all of it.  Raises DeviceTimeout when the other end takes nothing for two seconds."""
        with self._translated():
            self._port.write(data)

    def read(self, timeout_s: float) -> bytes:
        """What has come: 1 to 4096 bytes, or nothing when nothing came in ``timeout_s`` seconds (to about 20 ms)."""
        end = self._clock() + timeout_s
        with self._translated():
            while not (first := bytes(self._port.read(1))):
                if self._clock() >= end:
                    return b""
            waiting = min(self._port.in_waiting, LONGEST_READ - 1)
            return first + bytes(self._port.read(waiting)) if waiting else first

    def discard(self) -> None:
        """Throw away what has come.  Raises ProtocolError when the device does not stop talking."""
        with self._translated():
            thrown = 0
            while thrown < LONGEST_REST:
                waiting = self._port.in_waiting
                if not waiting:
                    return
                thrown += len(self._port.read(min(waiting, LONGEST_READ))) or 1
        raise ProtocolError(f"{self.name}: the device does not stop talking.", "Is the speed (?baud=) right?")

    def close(self) -> None:
        """Let go of the port; closing twice does no harm."""
        # pyserial leaves the socket of a socket:// URL open when its other end hung up first.
        inner = getattr(self._port, "_socket", None)
        with contextlib.suppress(OSError):
            self._port.close()
        if inner is not None:
            inner.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        serial = pyserial()
        try:
            yield
        except DriverError:
            raise
        except serial.SerialTimeoutException as error:
            raise DeviceTimeout(f"{self.name}: the device takes nothing.") from error
        # Of a port whose end has gone pyserial sees closed descriptors (TypeError, ValueError) as well as errors.
        except (OSError, TypeError, ValueError) as error:
            raise DeviceGone(f"{self.name}: the port is gone ({error}).") from error


def pyserial() -> Any:
    """The module serial.  Raises DriverUnavailable when pyserial is not installed."""
    try:
        import serial
    except ImportError as error:
        raise DriverUnavailable("Serial ports need pyserial, which is not installed.", EXTRA_HINT) from error
    return serial


def open_serial(address: SerialAddress, baud: int, write_timeout_s: float = 2.0) -> SerialPort:
    """Open the port, 8 data bits, no parity, 1 stop bit, at the address's speed or else ``baud``.

    Raises DeviceGone when there is no such port, DriverUnavailable when it may not be opened or is in use,
    BadAddress for a speed or URL that pyserial does not know.
    """
    serial = pyserial()
    speed = address.baud or baud
    options: dict[str, Any] = {"baudrate": speed, "timeout": SLICE_S, "write_timeout": write_timeout_s}
    if "://" not in address.port:
        options["exclusive"] = True if os.name == "posix" else None
    try:
        port = serial.serial_for_url(address.port, **options)
    except ValueError as error:
        raise BadAddress(f"{address}: {error}.", "Write serial:/dev/ttyUSB0 or serial:socket://host:port.") from error
    except OSError as error:
        raise _why_not(address, error) from error
    return SerialPort(port, address.port)


def serial_ports() -> list[PortFound]:
    """Every port of this machine.  Raises DriverUnavailable without pyserial."""
    pyserial()
    from serial.tools.list_ports import comports

    return [PortFound(port.device, port.description or port.device, port.vid, port.pid) for port in sorted(comports())]


def _why_not(address: SerialAddress, error: OSError) -> DriverError:
    number = error.errno
    if number in (errno.EACCES, errno.EPERM):
        return DriverUnavailable(f"{address.port} may not be opened.", GROUP_HINT)
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in str(error):
        return DriverUnavailable(f"{address.port} is in use.", BUSY_HINT)
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return DeviceGone(f"There is no serial port {address.port}.")
    return DeviceGone(f"{address.port} cannot be opened: {error}.", "Is its other end there?")
