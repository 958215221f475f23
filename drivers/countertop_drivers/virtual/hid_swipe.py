"""A USB swipe reader that is not there: MagTek's layout, or its encrypting relatives' (card-hardware.md D.3)."""

from __future__ import annotations

from countertop_drivers.errors import ProtocolError
from countertop_drivers.link import Tracks
from countertop_drivers.tracks import framed
from countertop_drivers.virtual.stripe_card import StripeCard
from countertop_drivers.virtual.usb_device import VirtualUsbDevice
from countertop_drivers.virtual.usb_shape import IN, INTERRUPT, DeviceShape, EndpointShape, InterfaceShape

VENDOR, PRODUCT = 0x0801, 0x0002
REPORT_IN = IN | 1
HID, REPORT = 0x21, 0x22
#: MagTek's first readers are low-speed devices, whose packets have no more.
PACKET = 8
UNREADABLE = 1
SERIAL, KEY_SERIAL = b"B0A1234", bytes.fromhex("FFFF9876543210E00001")
_SHOWN_BEFORE, _SHOWN_BEHIND = 6, 4


class VirtualSwipeReader(VirtualUsbDevice):
    """Sends a report for each card that is pulled through.

    ``encrypting``: a reader with a key, which gives the PAN's first six and last four digits only; its enciphered
    tracks are zeros.  ``garbage`` fills what the layout leaves undefined.
    """

    def __init__(
        self, *, encrypting: bool = False, ids: tuple[int, int] = (VENDOR, PRODUCT), garbage: int = 0x00
    ) -> None:
        self.encrypting = encrypting
        self._garbage = garbage
        self.size = 844 if encrypting else 337
        # Vendor-defined page FF00: so many bytes in, 24 bytes of feature report.
        self.report_descriptor = bytes.fromhex("0600FF0901A101150026FF007508 96") + self.size.to_bytes(2, "little")
        self.report_descriptor += bytes.fromhex("092081020920 9518B102C0")
        hid = bytes((9, HID, 0x10, 0x01, 0, 1, REPORT)) + len(self.report_descriptor).to_bytes(2, "little")
        endpoint = EndpointShape(REPORT_IN, INTERRUPT, PACKET, 1)
        self._hid = hid
        interface = InterfaceShape((0x03, 0, 0), (endpoint,), hid)
        super().__init__(DeviceShape(*ids, (interface,), title="Virtual swipe reader"))

    def swipe(self, card: StripeCard | Tracks) -> None:
        """Pull a card through."""
        self.put(REPORT_IN, self.report(StripeCard(card) if isinstance(card, tuple) else card))

    def standard_descriptor(self, kind: int, index: int) -> bytes | None:
        """The HID descriptor and the report descriptor."""
        return {HID: self._hid, REPORT: self.report_descriptor}.get(kind)

    def report(self, card: StripeCard) -> bytes:
        """What it sends for that card."""
        texts, errors = [], []
        for number, raw in enumerate(card.raw, 1):
            try:
                text = card.text(number)
            except ProtocolError:
                text = None
            errors.append(UNREADABLE if raw is not None and text is None else 0)
            texts.append(b"" if text is None else framed(text, number))
        encoding = 0 if any(texts) else 3
        if self.encrypting:
            return self._secure(texts, errors, encoding)
        head = bytes((*errors, *map(len, texts), encoding))
        return head + b"".join(text.ljust(110, bytes((self._garbage,))) for text in texts)

    def _secure(self, texts: list[bytes], errors: list[int], encoding: int) -> bytes:
        lengths = [-(-len(text) // 8) * 8 for text in texts]
        report = bytearray(bytes((*errors, *lengths, encoding)))
        report += bytes(3 * 112)
        report += bytes(1 + 4 + 1 + 128)
        report += SERIAL.ljust(16, b"\0") + bytes(2) + KEY_SERIAL
        report += bytes(map(len, texts))
        for text in texts:
            report += masked(text).ljust(112, bytes((self._garbage,)))
        return bytes(report)


def masked(text: bytes) -> bytes:
    """A track with sentinels as an encrypting reader gives it: zeros in the middle of the PAN and behind the dates."""
    separator = b"^" if text.startswith(b"%") else b"="
    head, mark, tail = text[:-1].partition(separator)
    begin = 2 if text.startswith(b"%") else 1
    pan = head[begin:]
    hidden = max(0, len(pan) - _SHOWN_BEFORE - _SHOWN_BEHIND)
    shown = head[:begin] + pan[:_SHOWN_BEFORE] + b"0" * hidden + pan[_SHOWN_BEFORE + hidden :]
    before, caret, dates = tail.rpartition(b"^")
    kept = dates[:7]
    return shown + mark + before + caret + kept + b"0" * (len(dates) - len(kept)) + text[-1:]
