"""The local link of a smart reader: it serves one point of sale (POS) at a time, by the rules of terminal.md §4.2.

A reader knows its owner by the id of a session.  Who shows the key of which session, and whether it may use this
reader, it asks the platform at every command; what it remembers is only whose it is.
"""

from __future__ import annotations

from countertop.gateway import Gateway
from countertop.gateway.pos import Content, PosPort, PosRefused, PosSession
from countertop.readers.keeper import Keeper
from countertop.readers.models import shelf
from countertop.readers.ports import Context
from countertop.readers.state import DARK, DeviceState

CONNECT = "activateTerminal"
DISCONNECT = "disconnectTerminal"
# The reader is in its own hands, or in those of whoever sets it up.
CLOSED = {
    "broken": ("generic_reader_error", "The reader has a hardware fault."),
    "pairing": ("reader_busy", "The reader shows a registration code: it is being set up."),
    "updating": ("reader_busy", "The reader is updating its software."),
}


class LinkSilent(Exception):
    """The reader has no power, or is only just starting: nobody answers on its link."""


class PosOwned(Keeper):
    """Whose the devices are."""

    def owner(self, context: Context, serial: str) -> str | None:
        """The POS session that has the device to itself, or None."""
        state = self.find(context, serial)
        return None if state is None else state.pos

    def let_go(self, context: Context, serial: str, session: str) -> None:
        """The session is over: a device that belongs to it belongs to nobody."""
        if self.owner(context, serial) == session:
            self.give_to(context, serial, None)

    def give_to(self, context: Context, serial: str, session: str | None) -> None:
        """The device belongs to this session from now on, or to nobody."""
        with self.turn(context, serial) as turn:
            turn.change(pos=session)


class PosLink:
    """What the readers answer on their links.  ``desk``: whom they ask about the POS that is talking to them."""

    def __init__(self, fleet: PosOwned, gateway: Gateway, desk: PosPort) -> None:
        self._fleet = fleet
        self._gateway = gateway
        self._desk = desk

    def serial_of(self, tx: Context, name: str) -> str | None:
        """The serial of the smart reader with this host name: its serial in lower case."""
        for serial in (name.upper(), name):
            info = self._gateway.devices.describe(tx, serial)
            if info is not None and not info.mobile:
                return serial
        return None

    def command(self, tx: Context, serial: str, key: str, method: str, content: Content) -> Content:
        """Do what a POS asks.  Raises PosRefused, LinkSilent when nobody answers, ReaderError for no such serial."""
        state = self._fleet.state(tx, serial)
        if state.phase in DARK:
            raise LinkSilent
        if not state.connected:
            raise PosRefused("stripe_api_connection_error", "The reader has no connection to the internet.")
        session = self._desk.session(tx, serial, key)
        if method == CONNECT:
            return self._connect(tx, state, session, fail_if_in_use=content.get("fail_if_in_use") is True)
        if state.pos != session.id:
            raise _not_yours(state)
        if method == DISCONNECT:
            self._fleet.give_to(tx, serial, None)
            self._desk.released(tx, serial, session.id)
            return {}
        return self._desk.command(tx, serial, session, method, content)

    def _connect(self, tx: Context, state: DeviceState, session: PosSession, *, fail_if_in_use: bool) -> Content:
        """The newcomer takes the reader over, unless it asked not to and a sale is under way."""
        if state.phase in CLOSED:
            raise PosRefused(*CLOSED[state.phase])
        if fail_if_in_use and state.pos != session.id and in_transaction(state):
            raise PosRefused("reader_busy", "The reader is in use: a transaction is under way on it.")
        if state.pos != session.id:
            self._fleet.give_to(tx, state.serial, session.id)
            if state.pos is not None:
                self._desk.released(tx, state.serial, state.pos)
            self._desk.connected(tx, state.serial, session.id)
        model = shelf().sku(state.sku).model
        return {
            "serial_number": state.serial,
            "device_type": model.device_type,
            "device_sw_version": state.software or model.app_version,
            "reader": state.reader,
            "session_expires_ms": session.expires_ms,
        }


def in_transaction(state: DeviceState) -> bool:
    """Whether somebody waits for the end of what the reader does; a cart is only shown."""
    return state.sale is not None and state.phase != "cart"


def _not_yours(state: DeviceState) -> PosRefused:
    if state.pos is None:
        return PosRefused(
            "not_connected_to_reader", "This point of sale is not connected to the reader: connect first."
        )
    return PosRefused(
        "reader_connected_to_another_device", "Another point of sale has taken the reader over: connect again."
    )
