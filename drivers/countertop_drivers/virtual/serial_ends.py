"""Where host software finds a virtual serial device: a pseudo-terminal, or a TCP port for ``socket://``.

Both serve one :class:`ByteDevice` from a thread of their own until they are closed.  A pseudo-terminal keeps no
speed, parity or modem lines (card-hardware.md H.5); host software that sets DTR on it gets an error.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Protocol

from countertop_drivers.link import Closing

PIECE = 4096
#: A host that does not read gets no more than this; what a real device would lose, this one loses too.
LONGEST_WAIT_S = 2.0


class ByteDevice(Protocol):
    """A device at the end of a serial line."""

    def connect(self, send: Callable[[bytes], None]) -> None:
        """Called once, before anything else: where the device's own bytes go.  ``send`` may be called at any time."""

    def receive(self, data: bytes) -> None:
        """Bytes from the host, in pieces of any size."""


class _End(Closing):
    """What both ends share: a thread that hands bytes over until a pipe tells it to stop."""

    def __init__(self, device: ByteDevice, name: str) -> None:
        self._device = device
        self._stop_in, self._stop_out = os.pipe()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._closed = False
        device.connect(self._send)

    def close(self) -> None:
        """Stop serving; the host sees the device go.  Closing twice does no harm."""
        if self._closed:
            return
        self._closed = True
        os.write(self._stop_out, b".")
        self._thread.join()
        self._release()
        os.close(self._stop_in)
        os.close(self._stop_out)

    def _serve(self) -> None:
        raise NotImplementedError

    def _send(self, data: bytes) -> None:
        raise NotImplementedError

    def _release(self) -> None:
        raise NotImplementedError


class PtyEnd(_End):
    """A pseudo-terminal; ``path`` is what host software opens.  POSIX only."""

    def __init__(self, device: ByteDevice) -> None:
        import tty

        self._host, self._line = os.openpty()
        tty.setraw(self._line)
        os.set_blocking(self._host, False)
        #: Such as ``/dev/pts/3``.
        self.path = os.ttyname(self._line)
        super().__init__(device, f"pty {self.path}")
        self._thread.start()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._host, selectors.EVENT_READ)
            waiting.register(self._stop_in, selectors.EVENT_READ)
            while True:
                if any(key.fd == self._stop_in for key, _ in waiting.select()):
                    return
                with contextlib.suppress(BlockingIOError):
                    self._device.receive(os.read(self._host, PIECE))

    def _send(self, data: bytes) -> None:
        with self._lock, selectors.DefaultSelector() as ready:
            ready.register(self._host, selectors.EVENT_WRITE)
            while data and ready.select(LONGEST_WAIT_S):
                try:
                    data = data[os.write(self._host, data) :]
                except BlockingIOError:
                    continue
                except OSError:
                    return  # the end was closed under it

    def _release(self) -> None:
        # The slave is held open by us as well, so that a host may come and go; now nobody is left.
        os.close(self._line)
        os.close(self._host)


class TcpEnd(_End):
    """A TCP port on which one host at a time finds the device: ``serial:socket://127.0.0.1:PORT``."""

    def __init__(self, device: ByteDevice, host: str = "127.0.0.1", port: int = 0) -> None:
        self._listener = socket.create_server((host, port))
        #: The port it listens on.
        self.port: int = self._listener.getsockname()[1]
        self._peer: socket.socket | None = None
        super().__init__(device, f"serial TCP {self.port}")
        self._thread.start()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._listener, selectors.EVENT_READ)
            waiting.register(self._stop_in, selectors.EVENT_READ)
            while True:
                if any(key.fd == self._stop_in for key, _ in waiting.select()):
                    return
                peer, _ = self._listener.accept()
                with peer:
                    if not self._talk(peer):
                        return

    def _talk(self, peer: socket.socket) -> bool:
        """Serve one host until it goes; False when it is time to stop."""
        peer.settimeout(LONGEST_WAIT_S)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._peer = peer
        try:
            with selectors.DefaultSelector() as waiting:
                waiting.register(peer, selectors.EVENT_READ)
                waiting.register(self._stop_in, selectors.EVENT_READ)
                while True:
                    if any(key.fd == self._stop_in for key, _ in waiting.select()):
                        return False
                    try:
                        data = peer.recv(PIECE)
                    except OSError:
                        return True
                    if not data:
                        return True
                    self._device.receive(data)
        finally:
            self._peer = None

    def _send(self, data: bytes) -> None:
        with self._lock:
            peer = self._peer
            if peer is not None:
                with contextlib.suppress(OSError):
                    peer.sendall(data)

    def _release(self) -> None:
        self._listener.close()
