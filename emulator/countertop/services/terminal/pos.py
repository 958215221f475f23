"""The platform behind a reader's local link: whose session it is, and what its point of sale (POS) may have done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countertop.api.scope import Document, Scope
from countertop.gateway.pos import Content, PosRefused, PosSession
from countertop.services.terminal.pairing import DIRECTORY
from countertop.services.terminal.pos_commands import PosCommands
from countertop.services.terminal.sessions import SESSIONS, find_session

if TYPE_CHECKING:
    from countertop.services.payments import Payments
    from countertop.services.rooms import Rooms, TimerWork
    from countertop.services.terminal.commands import Commands

EXPIRY = "pos_session_expiry"
"""The timer that ends a session which ever owned a reader; the key of any other is looked at when it is used."""


class PosDesk:
    """Answers what readers ask about their POS (``PosPort``), each time inside the transaction of the command."""

    def __init__(self, rooms: Rooms, sales: Payments, commands: Commands) -> None:
        self._rooms = rooms
        self._commands = PosCommands(rooms, sales, commands)

    def timers(self) -> dict[str, TimerWork]:
        """The timer that ends sessions."""
        return {EXPIRY: self._expire}

    def session(self, context: Any, serial: str, key: str) -> PosSession:
        """The session of a key that may use this reader.  Raises PosRefused."""
        found = find_session(context, self._rooms.accounts, key)
        if found is None:
            raise PosRefused("session_unknown", "The session key is none that a connection token was redeemed for.")
        account, row = found
        scope = self._rooms.scope(context, account)
        if scope.clock.now_ms() >= row["expires_ms"]:
            raise PosRefused("session_expired", "The session has expired: redeem a new connection token and connect.")
        entry = context.get("", DIRECTORY, serial)
        if entry is None:
            raise PosRefused("reader_not_registered", "The reader is registered to no account.")
        if entry["account"] != account.id:
            raise PosRefused("reader_not_yours", "The reader is registered to another account.")
        reader = scope.fetch("terminal.reader", entry["reader"])
        if row["location"] not in (None, reader["location"]):
            raise PosRefused(
                "reader_not_in_location",
                f"The connection token was for the location {row['location']}; the reader stands in another.",
            )
        return PosSession(row["id"], account.id, row["expires_ms"])

    def connected(self, context: Any, serial: str, session: str) -> None:
        """The reader belongs to this session; another reader that did is let go: a POS has one.

        What the reader waits for is called off: a server could not cancel it any more, and a session that left
        something behind (the reader restarted) has no use for it.
        """
        scope = self._scope_at(context, serial)
        row: Document | None = scope.tx.get(scope.account.id, SESSIONS, session) if scope is not None else None
        if scope is None or row is None:
            return
        if row["serial"] not in (None, serial):
            self._rooms.gateway.devices.let_go(context, row["serial"], session)
            self.released(context, row["serial"], session)
        context.put(scope.account.id, SESSIONS, row | {"serial": serial}, created=scope.now)
        self._rooms.timers.set(context, scope.account.id, EXPIRY, session, row["expires_ms"])
        self._commands.call_all_off(scope, serial)

    def released(self, context: Any, serial: str, session: str) -> None:
        """The reader belongs to this session no more: what it still waits for in its name is over."""
        scope = self._scope_at(context, serial)
        row: Document | None = scope.tx.get(scope.account.id, SESSIONS, session) if scope is not None else None
        if scope is None or row is None or row["serial"] != serial:
            return
        context.put(scope.account.id, SESSIONS, row | {"serial": None}, created=scope.now)
        self._commands.call_off(scope, serial, session)

    def command(self, context: Any, serial: str, session: PosSession, method: str, content: Content) -> Content:
        """Carry a command out.  Raises PosRefused."""
        scope = self._scope_at(context, serial)
        assert scope is not None, "only a registered reader has a session"
        return self._commands.run(scope, serial, session, method, content)

    def _expire(self, scope: Scope, session: str) -> None:
        row: Document | None = scope.tx.get(scope.account.id, SESSIONS, session)
        if row is not None and row["serial"] is not None:
            self._rooms.gateway.devices.let_go(scope.tx, row["serial"], session)
            self.released(scope.tx, row["serial"], session)
        self._commands.forget(scope, session)

    def _scope_at(self, context: Any, serial: str) -> Scope | None:
        """The scope of the account that a reader is registered to."""
        entry = context.get("", DIRECTORY, serial)
        account = self._rooms.accounts.by_id(entry["account"]) if entry is not None else None
        return None if account is None else self._rooms.scope(context, account)
