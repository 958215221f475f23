"""The USB/IP server: byte for byte (card-hardware.md H.2), and with a client that is not ours."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usb_bench import T0_ATR, card

from countertop_drivers.ccid.messages import ICC_POWER_ON, XFR_BLOCK, Answer, Command
from countertop_drivers.virtual.ccid import PRODUCT, VENDOR, VirtualCcid
from countertop_drivers.virtual.usbip import UsbipServer

COMMAND, ANSWER = bytes.fromhex("80A8000400"), bytes.fromhex("000102039000")


@pytest.fixture
def device():
    return VirtualCcid(card())


@pytest.fixture
def server(device):
    with UsbipServer({"1-1": device}, port=0) as server:
        yield server


class Client:
    """A host, by hand."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=5)

    def read(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def take(self, bus_id="1-1"):
        self.socket.sendall(bytes.fromhex("0111800300000000") + bus_id.encode().ljust(32, b"\0"))
        return self.read(8)

    def submit(self, number, direction, endpoint, length, setup=bytes(8), data=b""):
        head = struct.pack(">IIIIIIIIII", 1, number, 0x10001, direction, endpoint, 0, length, 0, 0xFFFFFFFF, 0)
        self.socket.sendall(head + setup + data)

    def unlink(self, number, which):
        self.socket.sendall(struct.pack(">IIIIII24x", 2, number, 0x10001, 0, 0, which))

    def answer(self, inward=True):
        head = self.read(48)
        command, number, _, _, _, status, length = struct.unpack(">IIIIIii", head[:28])
        data = self.read(length) if inward and command == 3 and length > 0 else b""
        return command, number, status, length, data


@pytest.fixture
def client(server):
    client = Client(server)
    yield client
    client.socket.close()


def imported(client):
    assert client.take() == bytes.fromhex("0111000300000000")
    assert len(client.read(312)) == 312
    return client


def test_the_list(client):
    client.socket.sendall(bytes.fromhex("0111800500000000"))
    reply = client.read(12 + 312 + 4)
    assert reply[:12].hex() == "011100050000000000000001"
    assert reply[12 + 256 :][:32].rstrip(b"\0") == b"1-1"
    numbers = struct.unpack(">IIIHHHBBBBBB", reply[12 + 288 : 12 + 312])
    assert numbers == (1, 1, 2, VENDOR, PRODUCT, 0x0100, 0, 0, 0, 1, 1, 1)
    assert reply[-4:].hex() == "0b000000"


def test_descriptors_and_configuration(client):
    imported(client)
    client.submit(1, 1, 0, 18, bytes.fromhex("8006000100001200"))
    assert client.answer()[4].hex() == "12010002000000 40e60833440001010203 01".replace(" ", "")
    client.submit(2, 1, 0, 9, bytes.fromhex("8006000200000900"))
    head = client.answer()[4]
    assert head[:2].hex() == "0902"
    whole = int.from_bytes(head[2:4], "little")
    client.submit(3, 1, 0, whole, bytes.fromhex("80060002 0000".replace(" ", "")) + whole.to_bytes(2, "little"))
    body = client.answer()[4]
    assert len(body) == whole
    assert body[18:20].hex() == "3621", "the CCID descriptor stands behind the interface"
    client.submit(4, 0, 0, 0, bytes.fromhex("0009010000000000"))
    assert client.answer(inward=False)[1:4] == (4, 0, 0)
    client.submit(5, 1, 0, 255, bytes.fromhex("800602030904FF00"))
    assert "Virtual CCID" in client.answer()[4][2:].decode("utf-16-le")
    client.submit(6, 1, 0, 255, bytes.fromhex("8006EE030904FF00"))
    assert client.answer()[1:4] == (6, -32, 0), "a string that is not there stalls"


def test_a_parked_urb_is_answered_when_there_is_something(client, device):
    imported(client)
    client.submit(1, 1, 3, 8)
    client.submit(2, 1, 1, 300)
    message = Command(ICC_POWER_ON, 0, 7).encoded
    client.submit(3, 0, 2, len(message), data=message)
    assert client.answer(inward=False) == (3, 3, 0, len(message), b"")
    command, number, status, _, data = client.answer()
    assert (command, number, status) == (3, 2, 0)
    assert Answer.parse(data).data == T0_ATR
    device.remove()
    assert client.answer()[4].hex() == "5002", "and the interrupt"


def test_unlink(client):
    imported(client)
    client.submit(1, 1, 3, 8)
    client.unlink(2, 1)
    assert client.answer()[:3] == (4, 2, -104)
    client.unlink(3, 1)
    assert client.answer()[:3] == (4, 3, 0)


def test_one_host_at_a_time(client, server):
    imported(client)
    other = Client(server)
    assert other.take() == bytes.fromhex("0111000300000002")
    unknown = Client(server)
    assert unknown.take("9-9") == bytes.fromhex("0111000300000004")
    client.socket.close()
    for _ in range(100):
        again = Client(server)
        if again.take()[-1] == 0:
            break
        again.socket.close()
        time.sleep(0.02)
    else:
        pytest.fail("the device was never given back")
    for one in (other, unknown, again):
        one.socket.close()


def test_unplugging_hangs_up(client, device):
    imported(client)
    client.submit(1, 1, 1, 300)
    time.sleep(0.05)
    device.unplug()
    assert client.answer()[1:3] == (1, -108)
    with pytest.raises((EOFError, ConnectionError)):
        client.read(1)


def test_a_halted_endpoint_until_it_is_cleared(client, device):
    imported(client)
    device.halt(0x81)
    client.submit(1, 1, 1, 300)
    assert client.answer()[1:3] == (1, -32)
    client.submit(2, 0, 0, 0, bytes.fromhex("0201000081000000"))
    assert client.answer(inward=False)[1:3] == (2, 0)
    message = Command(XFR_BLOCK, 0, 1, data=COMMAND).encoded
    client.submit(3, 0, 2, len(message), data=message)
    assert client.answer(inward=False)[1:3] == (3, 0)
    client.submit(4, 1, 1, 300)
    assert Answer.parse(client.answer()[4]).outcome == 1, "it has no power, and says so"


def test_a_client_that_is_not_ours(server):
    host = pytest.importorskip("usbip.host")
    from usbip.transport import USBIP

    transport = USBIP("127.0.0.1", server.port)
    listed = host.list_devices(transport)
    assert [(one["busid"], one["idVendor"], one["idProduct"]) for one in listed] == [("1-1", VENDOR, PRODUCT)]
    with host.open(VENDOR, PRODUCT, transport=transport) as handle:
        configuration = handle.control(0x80, 0x06, 0x0200, 0, 255)
        assert configuration[18:20].hex() == "3621"

        def ask(kind, seq, data=b""):
            handle.bulk_out(0x02, Command(kind, 0, seq, data=data).encoded)
            return Answer.parse(bytes(handle.bulk_in(0x81, 271)))

        assert ask(ICC_POWER_ON, 0).data == T0_ATR
        for seq in range(1, 20):
            assert ask(XFR_BLOCK, seq, COMMAND).data == ANSWER


def test_hands_and_host_at_once(client, device):
    imported(client)
    stop = threading.Event()

    def hands():
        while not stop.is_set():
            inner = device.remove()
            device.insert(inner)

    busy = threading.Thread(target=hands)
    busy.start()
    try:
        for number in range(300):
            power = number % 3 == 0
            command = Command(ICC_POWER_ON if power else XFR_BLOCK, 0, number & 0xFF, data=b"" if power else COMMAND)
            message = command.encoded
            client.submit(2 * number, 0, 2, len(message), data=message)
            assert client.answer(inward=False)[1:3] == (2 * number, 0)
            client.submit(2 * number + 1, 1, 1, 300)
            answer = client.answer()
            assert Answer.parse(answer[4]).seq == number & 0xFF
    finally:
        stop.set()
        busy.join(5)
    assert not busy.is_alive()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=120), st.booleans())
def test_strangers(noise, after_import):
    with UsbipServer({"1-1": VirtualCcid(card())}, port=0) as server:
        client = Client(server)
        if after_import:
            imported(client)
        client.socket.sendall(noise)
        client.socket.close()
        sound = Client(server)
        sound.socket.sendall(bytes.fromhex("0111800500000000"))
        assert sound.read(8).hex() == "0111000500000000"
        sound.socket.close()


def test_closing_is_soon_and_the_port_is_free_again(device):
    server = UsbipServer({"1-1": device}, port=0)
    client = imported(Client(server))
    port = server.port
    server.close()
    with pytest.raises((EOFError, ConnectionError)):
        client.read(1)
    client.socket.close()
    with UsbipServer({"1-1": device}, port=port):
        pass
