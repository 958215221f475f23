"""Serial ports over real pyserial: pseudo-terminals, TCP, loops, and ports that go, stall or babble."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable

import pytest
import serial

from countertop_drivers import BadAddress, DeviceGone, DeviceTimeout, DriverUnavailable, ProtocolError
from countertop_drivers.address import SerialAddress
from countertop_drivers.serial_port import SerialPort, open_serial, serial_ports
from countertop_drivers.virtual.serial_ends import PtyEnd, TcpEnd


class Echo:
    """Sends back what it gets, and keeps it."""

    def __init__(self) -> None:
        self.heard = b""
        self.send: Callable[[bytes], None] = lambda data: None

    def connect(self, send: Callable[[bytes], None]) -> None:
        self.send = send

    def receive(self, data: bytes) -> None:
        self.heard += data
        self.send(data)


def read(port, count: int) -> bytes:
    data = b""
    end = time.monotonic() + 5
    while len(data) < count and time.monotonic() < end:
        data += port.read(0.2)
    return data


def test_bytes_cross_a_pty_unchanged():
    everything = bytes(range(256)) * 8
    with PtyEnd(Echo()) as end:
        port = open_serial(SerialAddress(end.path), 9600)
        port.write(everything)
        assert read(port, len(everything)) == everything
        assert port.read(0.0) == b""
        port.close()
        port.close()


def test_hosts_come_and_go_on_a_pty_and_on_tcp():
    with PtyEnd(Echo()) as pty, TcpEnd(Echo()) as tcp:
        for where in (pty.path, f"socket://127.0.0.1:{tcp.port}"):
            for word in (b"one", b"two"):
                port = open_serial(SerialAddress(where), 9600)
                port.write(word)
                assert read(port, 3) == word
                port.close()


def test_a_loop():
    port = open_serial(SerialAddress("loop://"), 9600)
    port.write(b"\x55\xaa")
    assert read(port, 2) == b"\x55\xaa"
    port.write(b"left over")
    port.discard()
    assert port.read(0.0) == b""
    port.close()


def test_a_short_wait_is_short():
    with PtyEnd(Echo()) as end:
        port = open_serial(SerialAddress(end.path), 9600)
        began = time.monotonic()
        assert port.read(0.1) == b""
        assert 0.09 < time.monotonic() - began < 1.0
        port.close()


@pytest.mark.parametrize("kind", ["pty", "tcp"])
def test_a_port_that_vanishes(kind):
    end = PtyEnd(Echo()) if kind == "pty" else TcpEnd(Echo())
    port = open_serial(SerialAddress(end.path if kind == "pty" else f"socket://127.0.0.1:{end.port}"), 9600)
    port.write(b"x")
    assert read(port, 1) == b"x"
    threading.Timer(0.05, end.close).start()
    with pytest.raises(DeviceGone, match="the port is gone"):
        port.read(5.0)
    with pytest.raises(DeviceGone):
        for _ in range(100):  # a first write may still fall into a buffer
            port.write(b"x")
    port.close()
    with pytest.raises(DeviceGone):
        port.read(0.1)


def test_a_device_that_does_not_stop_talking():
    class Babbling:
        """What pyserial gives of a device that is always faster than its reader."""

        in_waiting = 1000

        def read(self, count: int) -> bytes:
            return bytes(count)

        def close(self) -> None:
            self.in_waiting = 0

    port = SerialPort(Babbling(), "the babbler")
    with pytest.raises(ProtocolError, match="does not stop talking"):
        port.discard()
    port.close()
    port.discard()


def test_a_device_that_takes_nothing():
    line, host = os.openpty()
    try:
        port = open_serial(SerialAddress(os.ttyname(host)), 9600, write_timeout_s=0.1)
        with pytest.raises(DeviceTimeout, match="takes nothing"):
            port.write(bytes(1 << 20))
        port.close()
    finally:
        os.close(line)
        os.close(host)


def test_one_host_at_a_time():
    with PtyEnd(Echo()) as end:
        port = open_serial(SerialAddress(end.path), 9600)
        with pytest.raises(DriverUnavailable, match="in use"):
            open_serial(SerialAddress(end.path), 9600)
        port.close()
        open_serial(SerialAddress(end.path), 9600).close()


@pytest.mark.parametrize(
    ("where", "error", "says"),
    [
        ("/dev/nothing", DeviceGone, "no serial port"),
        ("socket://127.0.0.1:1", DeviceGone, "cannot be opened"),
        ("warp://core", BadAddress, "warp"),
        ("socket://nonsense", DeviceGone, "cannot be opened"),
    ],
)
def test_ports_that_there_are_not(where, error, says):
    with pytest.raises(error, match=says):
        open_serial(SerialAddress(where), 9600)


def test_a_port_of_somebody_else(monkeypatch):
    def refuse(*given, **options):
        # What pyserial raises when open(2) does; root would get no such answer.
        raise serial.SerialException(errno.EACCES, "could not open port /dev/ttyUSB0: Permission denied")

    monkeypatch.setattr(serial, "serial_for_url", refuse)
    with pytest.raises(DriverUnavailable, match="may not be opened") as refusal:
        open_serial(SerialAddress("/dev/ttyUSB0"), 9600)
    assert "usermod -aG dialout" in refusal.value.hint


def test_ports_are_listed():
    for port in serial_ports():
        assert port.path
        assert port.title
