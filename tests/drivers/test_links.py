"""The contracts: what every card link and every swipe link does, whatever is behind it.  A new driver adds a row."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from usb_bench import ATS, T0_ATR, T1_ATR, card, link_to

from countertop_drivers import CardAbsent, CardLink, DeviceGone, DriverError, SwipeLink, acr122, open_card
from countertop_drivers.ccid.descriptor import Level
from countertop_drivers.link import PlainCardLink, Tracks
from countertop_drivers.loop import LoopLink
from countertop_drivers.msr605 import driver as msr605
from countertop_drivers.swipe_hid import driver as swipe_hid
from countertop_drivers.virtual.acr122 import VirtualAcr122
from countertop_drivers.virtual.ccid import CLEVER, PLAIN, VirtualCcid
from countertop_drivers.virtual.hid_swipe import VirtualSwipeReader
from countertop_drivers.virtual.msr605 import VirtualMsr605
from countertop_drivers.virtual.pn532 import VirtualPn532
from countertop_drivers.virtual.serial_ends import PtyEnd, TcpEnd
from countertop_drivers.virtual.usb_backend import virtual_backend
from countertop_drivers.virtual.usbip import UsbipServer
from countertop_drivers.vpcd import VpcdLink

# Sixteen bytes, of which the first five are given.
COMMAND, ANSWER = bytes.fromhex("80A8001005010203040500"), bytes([1, 2, 3, 4, 5, *range(11), 0x90, 0])

ATQB = bytes.fromhex("5001020304000000000081C1")


@dataclass
class Row:
    """A link with a card in it (``reset`` is what powering on answers), and the hands that move the card."""

    link: CardLink
    reset: bytes
    take: Callable[[], object]
    put: Callable[[], object]


@contextlib.contextmanager
def loop() -> Iterator[Row]:
    link = card()
    yield Row(link, T0_ATR, link.take_away, link.put_back)


@contextlib.contextmanager
def plain() -> Iterator[Row]:
    inner = card()
    yield Row(PlainCardLink(inner), T0_ATR, inner.take_away, inner.put_back)


def ccid(
    level: Level, atr: bytes, clever: bool, **options: object
) -> Callable[[], contextlib.AbstractContextManager[Row]]:
    @contextlib.contextmanager
    def row() -> Iterator[Row]:
        inner = card(atr)
        device = VirtualCcid(inner, level=level, features=CLEVER if clever else PLAIN, **options)  # type: ignore[arg-type]
        yield Row(link_to(device), atr, device.remove, lambda: device.insert(inner))

    return row


@contextlib.contextmanager
def acr() -> Iterator[Row]:
    inner = card(ATS)
    device = VirtualAcr122(inner)
    link = acr122.open_url("usb", backend=virtual_backend(device))
    yield Row(link, ATS, device.remove, lambda: device.insert(inner))


@contextlib.contextmanager
def over_ip(scheme: str) -> Iterator[Row]:
    inner = card(ATS if scheme == "acr122" else T1_ATR)
    device = VirtualAcr122(inner) if scheme == "acr122" else VirtualCcid(inner, level=Level.TPDU, features=PLAIN)
    with UsbipServer({"1-1": device}, port=0) as server:
        link = open_card(f"{scheme}:usbip:127.0.0.1:{server.port}")
        yield Row(link, ATS if scheme == "acr122" else T1_ATR, device.remove, lambda: device.insert(inner))


@contextlib.contextmanager
def pn532_pty() -> Iterator[Row]:
    inner = card(ATS)
    device = VirtualPn532(inner)
    with PtyEnd(device) as end:
        yield Row(open_card(f"pn532:serial:{end.path}"), ATS, device.remove, lambda: device.insert(inner))


@contextlib.contextmanager
def pn532_tcp() -> Iterator[Row]:
    inner = card(ATS)
    device = VirtualPn532(inner)
    with TcpEnd(device) as end:
        link = open_card(f"pn532:serial:socket://127.0.0.1:{end.port}")
        yield Row(link, ATS, device.remove, lambda: device.insert(inner))


@contextlib.contextmanager
def pn532_type_b() -> Iterator[Row]:
    inner = card(ATS)
    device = VirtualPn532(inner, atqb=ATQB)
    with PtyEnd(device) as end:
        yield Row(open_card(f"pn532:serial:{end.path}"), ATQB, device.remove, lambda: device.insert(inner))


class VpcdCard:
    """The card's end of vpcd, by hand."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inner: LoopLink = card()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port))
        self._thread = threading.Thread(target=self._serve, args=(self._socket,), daemon=True)
        self._thread.start()

    def hang_up(self) -> None:
        assert self._socket is not None
        assert self._thread is not None
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    def _serve(self, connection: socket.socket) -> None:
        stream = connection.makefile("rwb")
        with contextlib.suppress(OSError):
            while head := stream.read(2):
                message = stream.read(int.from_bytes(head, "big"))
                if len(message) == 1 and message != b"\x04":
                    continue
                back = T0_ATR if message == b"\x04" else self._answer(message)
                stream.write(len(back).to_bytes(2, "big") + back)
                stream.flush()

    def _answer(self, message: bytes) -> bytes:
        self._inner.power_on()
        return self._inner.transmit(message)


@contextlib.contextmanager
def vpcd() -> Iterator[Row]:
    link = VpcdLink("127.0.0.1", 0, timeout_s=5)
    other = VpcdCard(link.port)
    other.connect()
    assert link.wait(True, 5)
    yield Row(link, T0_ATR, other.hang_up, other.connect)
    other.hang_up()


ROWS: dict[str, Callable[[], contextlib.AbstractContextManager[Row]]] = {
    "loop": loop,
    "plain": plain,
    "vpcd": vpcd,
    "acr122": acr,
    "acr122 over USB/IP": lambda: over_ip("acr122"),
    "ccid over USB/IP": lambda: over_ip("ccid"),
    "pn532 on a pty": pn532_pty,
    "pn532 over TCP": pn532_tcp,
    "pn532, a card of type B": pn532_type_b,
    "ccid without interrupts": ccid(Level.TPDU, T1_ATR, False, interrupts=False),
    "ccid that asks for time": ccid(Level.TPDU, T1_ATR, False, extensions=3, t1={"wtx": 2}),
    "ccid character T=0, slowly": ccid(Level.CHARACTER, T0_ATR, False, t0={"nulls": 2, "one_by_one": True}),
}
for _level in Level:
    for _protocol, _atr in (("T=0", T0_ATR), ("T=1", T1_ATR)):
        for _clever in (True, False):
            _name = f"ccid {_level.value} {_protocol} {'clever' if _clever else 'plain'}"
            ROWS[_name] = ccid(_level, _atr, _clever)


@pytest.fixture(params=ROWS)
def row(request: pytest.FixtureRequest) -> Iterator[Row]:
    with ROWS[request.param]() as made, made.link:
        yield made


def test_power_command_power(row: Row) -> None:
    link = row.link
    assert isinstance(link, CardLink)
    assert link.present is True
    with pytest.raises(CardAbsent, match="no power"):
        link.transmit(COMMAND)
    assert link.power_on() == row.reset
    assert link.transmit(COMMAND) == ANSWER
    assert link.power_on() == row.reset, "again: a reset"
    for _ in range(3):
        assert link.transmit(COMMAND) == ANSWER
    link.power_off()
    link.power_off()
    with pytest.raises(OSError, match="no power"):
        link.transmit(COMMAND)


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256])
def test_answers_of_every_length(row: Row, length: int) -> None:
    row.link.power_on()
    for data in (b"", b"\x05abcde", bytes([255]) + bytes(range(255))):
        # Over T=0 the instruction says which way data goes.
        apdu = bytes((0x80, 0xA8 if data else 0xB2)) + length.to_bytes(2, "big") + data + b"\0"
        body = data[1:]
        assert row.link.transmit(apdu) == (body + bytes(range(256)) + bytes(1))[:length] + b"\x90\x00"


def test_the_four_cases(row: Row) -> None:
    row.link.power_on()
    assert row.link.transmit(bytes.fromhex("80A80000")) == b"\x90\x00"
    assert row.link.transmit(bytes.fromhex("80B2000404")) == bytes.fromhex("000102039000")
    assert row.link.transmit(bytes.fromhex("80A8000003010203")) == b"\x90\x00"
    assert row.link.transmit(bytes.fromhex("80A800020301020300")) == bytes.fromhex("01029000")


def test_a_card_that_comes_and_goes(row: Row) -> None:
    link = row.link
    assert link.wait(True, 1)
    assert not link.wait(False, 0.02)
    link.power_on()
    threading.Timer(0.05, row.take).start()
    assert link.wait(False, 5)
    assert link.present is False
    with pytest.raises(CardAbsent):
        link.power_on()
    with pytest.raises(DriverError):
        link.transmit(COMMAND)
    assert not link.wait(True, 0.02)
    threading.Timer(0.05, row.put).start()
    assert link.wait(True, 5)
    assert link.present is True
    assert link.power_on() == row.reset
    assert link.transmit(COMMAND) == ANSWER


def test_closing_twice(row: Row) -> None:
    row.link.power_on()
    row.link.close()
    row.link.close()


# Readers of stripes.


@dataclass
class SwipeRow:
    """A swipe link that is open, the hand that pulls a card through its reader, and the hand that unplugs it."""

    link: SwipeLink
    pull: Callable[[Tracks], object]
    unplug: Callable[[], object]


@contextlib.contextmanager
def msr605_reader() -> Iterator[SwipeRow]:
    device = VirtualMsr605()
    with PtyEnd(device) as end:
        yield SwipeRow(msr605.open_url(f"serial:{end.path}"), device.swipe, end.close)


@contextlib.contextmanager
def hid_reader() -> Iterator[SwipeRow]:
    device = VirtualSwipeReader()
    yield SwipeRow(swipe_hid.open_url("hid", backend=virtual_backend(device)), device.swipe, device.unplug)


SWIPE_ROWS: dict[str, Callable[[], contextlib.AbstractContextManager[SwipeRow]]] = {
    "msr605": msr605_reader,
    "swipe": hid_reader,
}
#: A test card and a driving licence: all tracks, one track, other tracks.
PULLED: tuple[Tracks, ...] = (
    (b"B4111111111111111^DOE/JANE^30122011234", b"4111111111111111=30122011234", None),
    (None, b"4111111111111111=30122011234", None),
    (b"CASACRAMENTO^DOE$JANE^1 MAIN ST^", b"636014123=301219800101=", b"0112345=1"),
)


@pytest.fixture(params=SWIPE_ROWS)
def reader(request: pytest.FixtureRequest) -> Iterator[SwipeRow]:
    with SWIPE_ROWS[request.param]() as made, made.link:
        yield made


def test_passes_come_one_by_one(reader: SwipeRow) -> None:
    assert isinstance(reader.link, SwipeLink)
    assert not isinstance(reader.link, CardLink)
    for tracks in PULLED:
        assert reader.link.read(0) is None
        reader.pull(tracks)
        swipe = reader.link.read(5)
        assert swipe is not None
        assert (swipe.tracks, swipe.problem) == (tracks, "")
    assert reader.link.read(0.02) is None


def test_a_card_that_comes_while_somebody_waits(reader: SwipeRow) -> None:
    assert reader.link.read(0) is None
    threading.Timer(0.05, reader.pull, (PULLED[1],)).start()
    swipe = reader.link.read(5)
    assert swipe is not None
    assert swipe.tracks == PULLED[1]


def test_a_reader_that_is_unplugged(reader: SwipeRow) -> None:
    assert reader.link.read(0) is None
    threading.Timer(0.05, reader.unplug).start()
    with pytest.raises(DeviceGone) as refusal:
        reader.link.read(5)
    assert "open it again" in refusal.value.hint


def test_closing_a_reader_twice(reader: SwipeRow) -> None:
    assert reader.link.read(0) is None
    reader.link.close()
    reader.link.close()
