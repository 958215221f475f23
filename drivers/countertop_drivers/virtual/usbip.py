"""Lending virtual USB devices to other hosts: a server of USB/IP 1.1.1 (card-hardware.md H.2).

::

    with UsbipServer({"1-1": VirtualCcid(card)}) as server:
        ...   # on a Linux host: usbip attach -r 127.0.0.1 -b 1-1

USB/IP has neither encryption nor passwords: listen on loopback, and forward the port through ssh.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping

from countertop_drivers.errors import BadAddress
from countertop_drivers.link import Closing
from countertop_drivers.virtual import usbip_messages as m
from countertop_drivers.virtual.usb_device import Setup, UsbGone, UsbStall, VirtualUsbDevice

# A host that parks more than this is not one.
MOST_PARKED = 512
NEGOTIATION_S = 10.0


class UsbipServer(Closing):
    """Serves from its construction on, in threads of its own, until :meth:`close`.

    ``devices`` by bus id; each can be imported by one host at a time.  ``say`` is told who comes and goes.
    """

    def __init__(
        self,
        devices: Mapping[str, VirtualUsbDevice],
        host: str = "127.0.0.1",
        port: int = m.PORT,
        *,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.devices = dict(devices)
        self._say = say
        self._lock = threading.Lock()
        self._used: set[str] = set()
        self._open: set[socket.socket] = set()
        self._closed = False
        try:
            self._listener = socket.create_server((host, port))
        except OSError as error:
            raise BadAddress(f"Cannot listen at {host}:{port}: {error.strerror or error}.") from error
        self._thread = threading.Thread(target=self._accept, name="usbip", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where hosts connect to."""
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """Stop listening and hang up on everybody."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(2.0)

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, peer = self._listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve, args=(connection, f"{peer[0]}:{peer[1]}"), name="usbip-host", daemon=True
            ).start()

    def _serve(self, connection: socket.socket, peer: str) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            with connection, contextlib.suppress(OSError, _HungUpError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.settimeout(NEGOTIATION_S)
                self._negotiate(connection, peer)
        finally:
            with self._lock:
                self._open.discard(connection)

    def _negotiate(self, connection: socket.socket, peer: str) -> None:
        """Lists until a device is imported; then URBs until somebody hangs up."""
        while True:
            version, code = m.operation(_read(connection, 8))
            if version != m.VERSION:
                return
            if code == m.REQ_DEVLIST:
                connection.sendall(m.device_list({key: one for key, one in self.devices.items() if one.plugged}))
                continue
            if code != m.REQ_IMPORT:
                return
            bus_id = _read(connection, 32).split(b"\0")[0].decode("ascii", "replace")
            device = self.devices.get(bus_id)
            if device is None or not device.plugged:
                connection.sendall(m.refused(m.NO_SUCH_DEVICE))
                return
            with self._lock:
                if bus_id in self._used:
                    connection.sendall(m.refused(m.BUSY))
                    return
                self._used.add(bus_id)
            try:
                number = list(self.devices).index(bus_id) + 1
                # Before the host knows that it has the device: what happens to it afterwards is to stay.
                device.reset()
                connection.sendall(m.imported(m.described(device, bus_id, number)))
                connection.settimeout(None)
                self._say(f"{peer} has {bus_id}")
                _Session(connection, device).run()
            finally:
                with self._lock:
                    self._used.discard(bus_id)
                self._say(f"{peer} gave {bus_id} back")
            return


class _HungUpError(Exception):
    """The host is gone, or says what cannot be."""


class _Session:
    """One imported device on one connection."""

    def __init__(self, connection: socket.socket, device: VirtualUsbDevice) -> None:
        self._connection = connection
        self._device = device
        self._lock = threading.RLock()
        self._parked: list[m.Urb] = []
        self._busy = False

    def run(self) -> None:
        """Until the host hangs up, or the device is unplugged."""
        self._device.listen(self._pump)
        try:
            while True:
                urb = m.Urb.parse(_read(self._connection, m.HEADER))
                if urb.command == m.UNLINK:
                    self._unlink(urb)
                elif urb.command == m.SUBMIT and urb.length <= m.LARGEST_TRANSFER:
                    data = _read(self._connection, urb.length) if urb.direction == m.OUT else b""
                    self._submit(urb, data)
                else:
                    raise _HungUpError
        finally:
            self._device.unlisten(self._pump)

    def _submit(self, urb: m.Urb, data: bytes) -> None:
        with self._lock:
            if urb.packets not in (0, 0xFFFFFFFF):
                raise _HungUpError  # isochronous: none of our devices has that
            if urb.endpoint and urb.direction == m.IN:
                if len(self._parked) >= MOST_PARKED:
                    raise _HungUpError
                self._parked.append(urb)
            else:
                self._busy = True
                try:
                    self._connection.sendall(self._carried_out(urb, data))
                finally:
                    self._busy = False
            self._pump()

    def _carried_out(self, urb: m.Urb, data: bytes) -> bytes:
        try:
            if urb.endpoint:
                self._device.send(urb.address, data)
                return urb.done(0, len(data))
            setup = Setup.parse(urb.setup)
            answer = self._device.control(setup, data)[: urb.length]
            inward = urb.direction == m.IN
            return urb.done(0, len(answer) if inward else len(data), answer if inward else b"")
        except UsbStall:
            return urb.done(m.STALLED, 0)
        except UsbGone:
            return urb.done(m.DISCONNECTED, 0)

    def _unlink(self, urb: m.Urb) -> None:
        with self._lock:
            pending = [one for one in self._parked if one.number == urb.length]
            self._parked = [one for one in self._parked if one.number != urb.length]
            self._connection.sendall(urb.unlinked(bool(pending)))

    def _pump(self) -> None:
        """Answer what is parked and can be answered, each endpoint in its order."""
        with self._lock:
            if self._busy:
                return
            for urb in tuple(self._parked):
                try:
                    data = self._device.take(urb.address, urb.length)
                    if data is None:
                        continue
                    reply = urb.done(0, len(data), data)
                except UsbStall:
                    reply = urb.done(m.STALLED, 0)
                except UsbGone:
                    reply = urb.done(m.DISCONNECTED, 0)
                self._parked.remove(urb)
                with contextlib.suppress(OSError):  # the reading end will see it
                    self._connection.sendall(reply)
            if not self._device.plugged:
                with contextlib.suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)


def _read(connection: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise _HungUpError
        data += piece
    return bytes(data)
