"""The listening socket."""

from __future__ import annotations

import errno
import ipaddress
import socket

from countertop.errors import ConfigurationError

BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """A bound TCP socket; ``port`` 0 takes a free one.  Raises ConfigurationError when the address cannot be used.

    The protocol is named explicitly: asyncio switches Nagle's algorithm off only on sockets that say they are TCP,
    and with it on a small answer waits 40 ms for an acknowledgement.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _unusable(host, port, error) from None
    except OverflowError:
        listener.close()
        raise ConfigurationError(f"There is no port {port}.", "Ports are 0 to 65535; 0 takes a free one.") from None
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where to reach a listening socket from this machine."""
    host, port = listener.getsockname()[:2]
    if host == "0.0.0.0":
        host = "127.0.0.1"
    elif host == "::":
        host = "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """True when only this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unusable(host: str, port: int, error: OSError) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        return ConfigurationError(
            f"Port {port} on {host} is in use.",
            f"Stop what listens there, or choose another: --port {port + 1}",
        )
    if error.errno == errno.EACCES:
        return ConfigurationError(f"Port {port} needs privileges.", "Choose one above 1023, for example --port 4242")
    return ConfigurationError(f"Cannot listen on {host}: {error.strerror or error}.", "Use --host 127.0.0.1")
