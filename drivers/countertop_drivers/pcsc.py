"""``pcsc:NAME``: a reader that the system's PC/SC service holds, by the name it has there, or a part of it.

Needs pyscard, which is built with a C compiler and libpcsclite: the extra ``countertop[pcsc]``.
"""

from __future__ import annotations

import contextlib
from typing import Any

from countertop_drivers.ccid.apdu import Apdu
from countertop_drivers.ccid.t0 import complete
from countertop_drivers.discovery import Found
from countertop_drivers.errors import (
    BadAddress,
    CardAbsent,
    CardMute,
    DeviceGone,
    DeviceTimeout,
    DriverError,
    DriverUnavailable,
)
from countertop_drivers.link import Closing

EXTRA_HINT = "Install it: pip install 'countertop[pcsc]', or pip install pyscard (needs libpcsclite-dev)."
SERVICE_HINT = "Start it: systemctl start pcscd, or pcscd --foreground."


class PcscLink(Closing):
    """A reader of the PC/SC service."""

    def __init__(self, scard: Any, context: Any, name: str) -> None:
        self.name = name
        self._scard = scard
        self._context = context
        self._card: Any = None
        self._protocol = 0
        self._closed = False

    @property
    def present(self) -> bool:
        """True while a card is in the reader."""
        return bool(self._state(0, 0) & self._scard.SCARD_STATE_PRESENT)

    def power_on(self) -> bytes:
        """Connect to the card, or reset it; its ATR.  The reader is held exclusively until power-off."""
        s = self._scard
        both = s.SCARD_PROTOCOL_T0 | s.SCARD_PROTOCOL_T1
        if self._card is not None:
            result, protocol = s.SCardReconnect(self._card, s.SCARD_SHARE_EXCLUSIVE, both, s.SCARD_RESET_CARD)
            if result != s.SCARD_S_SUCCESS:
                self.power_off()
        if self._card is None:
            result, card, protocol = s.SCardConnect(self._context, self.name, s.SCARD_SHARE_EXCLUSIVE, both)
            self._demand(result, "connect")
            self._card = card
        self._protocol = protocol
        result, _, _, _, atr = s.SCardStatus(self._card)
        self._demand(result, "status")
        return bytes(atr)

    def transmit(self, apdu: bytes) -> bytes:
        """One command.  Over T=0 this side splits case 4 and fetches responses: PC/SC passes TPDUs there."""
        if self._card is None:
            raise CardAbsent("The card has no power.", "Call power_on().")
        command = Apdu.parse(apdu)
        if self._protocol != self._scard.SCARD_PROTOCOL_T0:
            return self._exchange(apdu)
        short = command.data and command.le is not None and not command.extended
        return complete(command, self._exchange(apdu[:-1] if short else apdu), self._exchange)

    def power_off(self) -> None:
        """Take the power away and let others use the reader."""
        card, self._card = self._card, None
        if card is not None:
            self._scard.SCardDisconnect(card, self._scard.SCARD_UNPOWER_CARD)

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait for a card, or for its absence; the service tells of changes."""
        import time

        s = self._scard
        end = time.monotonic() + timeout_s
        state = self._state(0, 0)
        while bool(state & s.SCARD_STATE_PRESENT) is not present:
            left = end - time.monotonic()
            if left <= 0:
                return False
            state = self._state(state, max(1, int(left * 1000)))
        return True

    def close(self) -> None:
        """Power off and leave the service."""
        if not self._closed:
            self._closed = True
            self.power_off()
            self._scard.SCardReleaseContext(self._context)

    def _exchange(self, data: bytes) -> bytes:
        s = self._scard
        pci = s.SCARD_PCI_T0 if self._protocol == s.SCARD_PROTOCOL_T0 else s.SCARD_PCI_T1
        result, response = s.SCardTransmit(self._card, pci, list(data))
        self._demand(result, "transmit")
        answer = bytes(byte & 0xFF for byte in response)
        if len(answer) < 2:
            raise CardMute(f"The card answered {len(answer)} bytes; a status has two.", "Power it on again.")
        return answer

    def _state(self, known: int, timeout_ms: int) -> int:
        s = self._scard
        if self._closed:
            raise DeviceGone("The link is closed.", "Open it again.")
        result, states = s.SCardGetStatusChange(self._context, timeout_ms, [(self.name, known)])
        if result == s.SCARD_E_TIMEOUT and known:
            return known
        self._demand(result, "state")
        state = int(states[0][1])
        if state & (s.SCARD_STATE_UNKNOWN | s.SCARD_STATE_UNAVAILABLE):
            raise DeviceGone(f"The reader {self.name!r} is gone.")
        return state

    def _demand(self, result: int, doing: str) -> None:
        if result != self._scard.SCARD_S_SUCCESS:
            raise failure(self._scard, result, doing)


def open_url(details: str) -> PcscLink:
    """Open ``pcsc:NAME``; the first reader whose name has it, in any case."""
    if not details:
        raise BadAddress("pcsc: names no reader.", "Write a part of its name: pcsc:ACR122; pcsc_scan lists them.")
    scard, context = _service()
    try:
        names = _readers(scard, context)
        for name in names:
            if details.lower() in name.lower():
                return PcscLink(scard, context, name)
    except BaseException:
        scard.SCardReleaseContext(context)
        raise
    scard.SCardReleaseContext(context)
    raise DeviceGone(f"PC/SC has no reader like {details[:80]!r}.", f"It has: {', '.join(names) or 'none'}.")


def discover(timeout_s: float) -> list[Found]:
    """Every reader of the service.  Raises DriverUnavailable without pyscard or without the service."""
    scard, context = _service()
    try:
        return [Found(f"pcsc:{name}", name) for name in _readers(scard, context)]
    finally:
        scard.SCardReleaseContext(context)


def failure(scard: Any, result: int, doing: str) -> DriverError:
    """The error that a PC/SC result is."""
    with contextlib.suppress(Exception):  # its own table may lack a code
        text = scard.SCardGetErrorMessage(result)
        doing = f"{doing}: {text}"
    message = f"PC/SC, {doing} ({result & 0xFFFFFFFF:08X})"
    if result in (scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_REMOVED_CARD):
        return CardAbsent("There is no card in the reader.")
    if result in (scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNPOWERED_CARD, scard.SCARD_W_RESET_CARD):
        return CardMute(message, "Power it on again.")
    if result in (scard.SCARD_E_NO_SERVICE, scard.SCARD_E_SERVICE_STOPPED):
        return DriverUnavailable("The PC/SC service is not running.", SERVICE_HINT)
    if result in (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE, scard.SCARD_E_NO_READERS_AVAILABLE):
        return DeviceGone(f"{message}.")
    if result == scard.SCARD_E_SHARING_VIOLATION:
        return DriverUnavailable("Another program uses this reader.", "Stop it; the reader is needed alone.")
    if result == scard.SCARD_E_TIMEOUT:
        return DeviceTimeout(f"{message}.")
    return DriverError(f"{message}.")


def _service() -> tuple[Any, Any]:
    try:
        from smartcard import scard
    except ImportError as error:
        raise DriverUnavailable("PC/SC needs pyscard, which is not installed.", EXTRA_HINT) from error
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if result != scard.SCARD_S_SUCCESS:
        raise failure(scard, result, "service")
    return scard, context


def _readers(scard: Any, context: Any) -> list[str]:
    result, names = scard.SCardListReaders(context, [])
    if result == scard.SCARD_E_NO_READERS_AVAILABLE:
        return []
    if result != scard.SCARD_S_SUCCESS:
        raise failure(scard, result, "readers")
    return list(names)
