"""Virtual devices for host software, by name: made around a card, put where a host finds them.

==========  ==================================  =================================================
``ccid``    a CCID reader with contacts         over USB/IP
``acr122``  an ACR122U                          over USB/IP
``swipe``   a HID swipe reader                  over USB/IP
``pn532``   a PN532 on a serial line            on a pseudo-terminal, or a TCP port
``msr605``  an MSR605 on a serial line          on a pseudo-terminal, or a TCP port
==========  ==================================  =================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from countertop_drivers.errors import BadAddress
from countertop_drivers.link import NO_TRACKS, Card, Tracks
from countertop_drivers.virtual.acr122 import VirtualAcr122
from countertop_drivers.virtual.ccid import VirtualCcid
from countertop_drivers.virtual.hid_swipe import VirtualSwipeReader
from countertop_drivers.virtual.msr605 import VirtualMsr605
from countertop_drivers.virtual.pn532 import VirtualPn532
from countertop_drivers.virtual.serial_ends import ByteDevice, PtyEnd, TcpEnd
from countertop_drivers.virtual.usb_device import VirtualUsbDevice
from countertop_drivers.virtual.usbip import UsbipServer
from countertop_drivers.virtual.usbip_messages import PORT as USBIP_PORT

USB, SERIAL = ("ccid", "acr122", "swipe"), ("pn532", "msr605")
KINDS = USB + SERIAL
#: Those that read cards over the air, and those that read stripes.
TAPPED, SWIPED = ("acr122", "pn532"), ("swipe", "msr605")
BUS_ID = "1-1"
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Exported:
    """A device where hosts find it.  ``where`` tells how, ``url`` what our own drivers call it.

    ``use`` is the hand at it: it takes the card away or puts it back, or pulls it through; returns what it did.
    """

    where: str
    url: str
    use: Callable[[], str]


@contextmanager
def exported(
    kind: str,
    card: Card | None,
    tracks: Tracks = NO_TRACKS,
    place: Place | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Iterator[Exported]:
    """Serve a device of one of :data:`KINDS` until the block ends.

    ``card`` is in it from the beginning; ``tracks`` are those of the card that is swiped.  ``place``: host and port to
    listen at; without it USB/IP's own port, or a pseudo-terminal.  Raises BadAddress for another kind or a port in use.
    """
    if kind in USB:
        with _over_usb(kind, card, tracks, place, say) as one:
            yield one
    elif kind in SERIAL:
        with _on_a_line(kind, card, tracks, place) as one:
            yield one
    else:
        raise BadAddress(f"There is no virtual device {kind[:40]!r}.", f"There are: {', '.join(KINDS)}.")


@contextmanager
def _over_usb(
    kind: str, card: Card | None, tracks: Tracks, place: Place | None, say: Callable[[str], None]
) -> Iterator[Exported]:
    host, port = place or ("127.0.0.1", USBIP_PORT)
    device: VirtualUsbDevice
    if kind == "swipe":
        device = swiper = VirtualSwipeReader()
        use = _sending(lambda: swiper.swipe(tracks))
    else:
        device = slot = VirtualAcr122(card) if kind == "acr122" else VirtualCcid(card)
        use = _moving(card, slot.insert, slot.remove)
    with UsbipServer({BUS_ID: device}, host, port, say=say) as server:
        where = f"usbip attach -r {host} --tcp-port {server.port} -b {BUS_ID}"
        yield Exported(where, f"{kind}:usbip:{host}:{server.port}", use)


@contextmanager
def _on_a_line(kind: str, card: Card | None, tracks: Tracks, place: Place | None) -> Iterator[Exported]:
    device: ByteDevice
    if kind == "msr605":
        device = swiper = VirtualMsr605()
        use = _swiping(lambda: swiper.swipe(tracks))
    else:
        device = field = VirtualPn532(card)
        use = _moving(card, field.insert, field.remove)
    if place is None:
        with PtyEnd(device) as pty:
            yield Exported(pty.path, f"{kind}:serial:{pty.path}", use)
        return
    try:
        end = TcpEnd(device, *place)
    except OSError as error:
        raise BadAddress(f"Cannot listen at {place[0]}:{place[1]}: {error.strerror or error}.") from error
    with end:
        url = f"socket://{place[0]}:{end.port}"
        yield Exported(url, f"{kind}:serial:{url}", use)


def _moving(card: Card | None, insert: Callable[[Card], None], remove: Callable[[], object]) -> Callable[[], str]:
    """A hand that takes the card away, then puts it back, and so on."""
    there = card is not None

    def use() -> str:
        nonlocal there
        if card is None:
            return "There is no card."
        there = not there
        if there:
            insert(card)
            return "The card is there."
        remove()
        return "The card was taken away."

    return use


def _sending(swipe: Callable[[], None]) -> Callable[[], str]:
    def use() -> str:
        swipe()
        return "The card was swiped."

    return use


def _swiping(swipe: Callable[[], bool]) -> Callable[[], str]:
    return lambda: "The card was swiped." if swipe() else "Nobody waits for a card."
