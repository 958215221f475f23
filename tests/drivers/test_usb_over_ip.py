"""USB devices that a USB/IP server lends: our client against our server, and against servers that lie."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from usb_bench import T1_ATR, card

from countertop_drivers import BadAddress, DeviceGone, DriverError, ProtocolError, open_card
from countertop_drivers.address import RemoteUsb, UsbAddress
from countertop_drivers.ccid import driver
from countertop_drivers.usb import over_ip
from countertop_drivers.virtual.ccid import VirtualCcid
from countertop_drivers.virtual.usbip import UsbipServer

COMMAND, ANSWER = bytes.fromhex("80B2000404"), bytes.fromhex("000102039000")
LIST = bytes.fromhex("0111000500000000")
ENTRY = struct.pack(">256s32sIIIHHHBBBBBB", b"/sys/x", b"1-1", 1, 2, 3, 0x76B, 0x3021, 0x100, 0, 0, 0, 1, 1, 1)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(over_ip, "PATIENCE_S", 0.3)


def test_a_device_by_its_place_and_the_first_one():
    devices = {"1-1": VirtualCcid(card()), "1-2": VirtualCcid(card(T1_ATR))}
    with UsbipServer(devices, port=0) as server:
        for place, atr in (("", card().power_on()), ("/1-2", T1_ATR)):
            with open_card(f"ccid:usbip:127.0.0.1:{server.port}{place}") as link:
                assert link.power_on() == atr
                assert link.transmit(COMMAND) == ANSWER
        with pytest.raises(DeviceGone, match="1-9 is not there"):
            open_card(f"ccid:usbip:127.0.0.1:{server.port}/1-9")


def test_one_host_at_a_time_and_the_next_one_after():
    with UsbipServer({"1-1": VirtualCcid(card())}, port=0) as server:
        url = f"ccid:usbip:127.0.0.1:{server.port}/1-1"
        with open_card(url), pytest.raises(DeviceGone, match="another host has it"):
            open_card(url)
        end = time.monotonic() + 5
        while True:
            with contextlib.suppress(DeviceGone), open_card(url) as link:
                assert link.power_on()
                return
            assert time.monotonic() < end


def test_reports_that_do_not_come_are_taken_back():
    device = VirtualCcid(None)
    with UsbipServer({"1-1": device}, port=0) as server, driver.open_url(f"usbip:127.0.0.1:{server.port}") as link:
        for _ in range(3):
            assert not link.wait(True, 0.05)
        device.insert(card())
        assert link.wait(True, 5)
        link.power_on()
        assert link.transmit(COMMAND) == ANSWER


def test_a_server_that_goes():
    server = UsbipServer({"1-1": VirtualCcid(card())}, port=0)
    port = server.port
    link = open_card(f"ccid:usbip:127.0.0.1:{port}")
    link.power_on()
    server.close()
    with pytest.raises(DeviceGone):
        link.transmit(COMMAND)
    link.close()
    with pytest.raises(DeviceGone, match="No USB/IP server"):
        open_card(f"ccid:usbip:127.0.0.1:{port}")


def test_nothing_to_lend():
    with UsbipServer({}, port=0) as server, pytest.raises(DeviceGone, match="lends no device"):
        open_card(f"ccid:usbip:127.0.0.1:{server.port}")


Script = Callable[[socket.socket], None]


@contextlib.contextmanager
def lying(script: Script) -> Iterator[int]:
    """A server that does what the script says, with every connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer, contextlib.suppress(OSError, EOFError):
                script(peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read(peer: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = peer.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def importing(answer: Callable[[int, bytes], bytes]) -> Script:
    """A server that lends a device and answers each request by the function."""

    def script(peer: socket.socket) -> None:
        code = read(peer, 8)[3]
        if code == 0x05:
            peer.sendall(LIST + (1).to_bytes(4, "big") + ENTRY + bytes.fromhex("0B000000"))
            return
        read(peer, 32)
        peer.sendall(bytes.fromhex("0111000300000000") + ENTRY)
        while True:
            head = read(peer, 48)
            _, number, _, direction, _ = struct.unpack(">IIIII", head[:20])
            length = int.from_bytes(head[24:28], "big")
            if head[3] == 1 and direction == 0:
                read(peer, length)
            peer.sendall(answer(number, head))

    return script


def done(number: int, status: int = 0, data: bytes = b"", length: int | None = None) -> bytes:
    return (
        struct.pack(">IIIIIiiIIi8x", 3, number, 0, 0, 0, status, len(data) if length is None else length, 0, 0, 0)
        + data
    )


@pytest.mark.parametrize(
    "script",
    [
        lambda peer: None,
        lambda peer: peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        lambda peer: peer.sendall(bytes.fromhex("0106000500000000") + bytes(4)),
        lambda peer: peer.sendall(LIST + (100_000).to_bytes(4, "big")),
        lambda peer: peer.sendall(LIST + (1).to_bytes(4, "big") + ENTRY[:100]),
        lambda peer: (read(peer, 8), time.sleep(0.6)),
        importing(lambda number, head: b""),
        importing(lambda number, head: done(number + 1, data=b"x")),
        importing(lambda number, head: done(number, length=-1)),
        importing(lambda number, head: done(number, length=1 << 30)),
        importing(lambda number, head: done(number, data=bytes(4000))),
        importing(lambda number, head: done(number, data=b"")),
        importing(lambda number, head: done(number, data=bytes(18))),
        importing(lambda number, head: done(number, status=-32)),
        importing(lambda number, head: done(number, status=-108)),
        importing(lambda number, head: struct.pack(">I44x", 9)),
        importing(lambda number, head: done(number)[:20]),
    ],
    ids=[
        "hangs up",
        "speaks HTTP",
        "another version",
        "too many devices",
        "a list that ends early",
        "silent",
        "answers nothing",
        "answers to something else",
        "a negative length",
        "a length beyond all bounds",
        "more than was asked for",
        "empty descriptors",
        "zeros for descriptors",
        "stalls",
        "a device that has gone",
        "an unknown answer",
        "half an answer",
    ],
)
def test_servers_that_lie(script):
    began = time.monotonic()
    with lying(script) as port, pytest.raises((DriverError, DeviceGone, ProtocolError)):
        open_card(
            f"ccid:usbip:127.0.0.1:{port}/1-1" if "importing" in script.__qualname__ else f"ccid:usbip:127.0.0.1:{port}"
        )
    assert time.monotonic() - began < 5


def test_data_that_was_on_its_way_when_it_was_taken_back_counts():
    late: list[int] = []

    def answer(number: int, head: bytes) -> bytes:
        if head[3] == 1:
            late.append(number)
            return b""
        # CMD_UNLINK crosses the answer: that comes first, then "there is nothing to cancel".
        [asked] = late
        late.clear()
        return done(asked, data=b"late") + struct.pack(">IIIIIi24x", 4, number, 0, 0, 0, 0)

    with lying(importing(answer)) as port:
        connection = over_ip.Connection(RemoteUsb("127.0.0.1", port, "1-1"))
        assert connection.read(0x81, 64, 0.05) == b"late"
        connection.close()


@pytest.mark.parametrize(
    ("details", "remote"),
    [
        ("usbip:127.0.0.1", RemoteUsb("127.0.0.1")),
        ("usbip:127.0.0.1:3241", RemoteUsb("127.0.0.1", 3241)),
        ("usbip:host:3240/2-1.4", RemoteUsb("host", 3240, "2-1.4")),
        ("usbip:[::1]:3240", RemoteUsb("::1", 3240)),
        ("usbip:[::1]", RemoteUsb("::1")),
    ],
)
def test_addresses(details, remote):
    found = UsbAddress.parse(details, "usb")
    assert isinstance(found, UsbAddress)
    assert found.remote == remote
    assert UsbAddress.parse(str(found), "usb") == found


@pytest.mark.parametrize(
    "details", ["usbip", "usbip:", "usbip::3240", "usbip:h:0", "usbip:h:x", "usbip:h/", "usbip:a:b:1"]
)
def test_addresses_that_are_none(details):
    with pytest.raises(BadAddress, match="usbip"):
        UsbAddress.parse(details, "usb")
