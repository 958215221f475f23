"""What a point of sale may have its reader do: carts, collecting and confirming payments (terminal.md §4.1).

The rules are those of a server's calls, and so are the parameters; but what happens is told to the session that
asked, and is neither ``reader.action`` nor an event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from countertop.api import params
from countertop.api.errors import ApiError
from countertop.api.form import decode
from countertop.api.scope import Document, Scope
from countertop.forms import form_of
from countertop.gateway.pos import Content, PosRefused, PosSession
from countertop.services.terminal.actions.confirm_payment import confirm_task
from countertop.services.terminal.actions.process_payment import card_task
from countertop.services.terminal.actions.reader_display import display_task
from countertop.services.terminal.commands import BUSY, Commands
from countertop.services.terminal.pairing import DIRECTORY
from countertop.services.terminal.running import KIND, OUTCOMES, Task, of_device

if TYPE_CHECKING:
    from countertop.services.payments import Payments
    from countertop.services.rooms import Rooms

DISPLAY = "set_reader_display"
SECRET = "_secret_"
NOTHING_COLLECTED = "no_active_collect_payment_method_attempt"
Starter = Callable[[Scope, Document, PosSession, Document], Task]


class PosCommands:
    """Carries commands of sessions out that own the reader which they were given to."""

    def __init__(self, rooms: Rooms, sales: Payments, commands: Commands) -> None:
        self._rooms = rooms
        self._sales = sales
        self._commands = commands
        self._starters: dict[str, tuple[str, Starter]] = {
            "setReaderDisplay": (DISPLAY, self._display),
            "collectPaymentMethod": ("collect_payment_method", self._collect),
            "confirmPayment": ("confirm_payment_intent", self._confirm),
        }

    def run(self, scope: Scope, serial: str, session: PosSession, method: str, content: Content) -> Content:
        """Do one command.  Raises PosRefused."""
        try:
            if method in self._starters:
                return self._start(scope, serial, session, method, content)
            if method == "queryPaymentMethod":
                return self._outcome(scope, serial, session)
            if method == "cancelCollectPaymentMethod":
                return self._cancel(scope, serial, session)
            if method == "clearReaderDisplay":
                return self._clear(scope, serial, session)
        except ApiError as error:
            raise PosRefused(error.code or "unexpected_operation", error.message) from None
        raise PosRefused("unsupported_operation", f"The reader knows no command {method[:60]!r}.")

    def call_off(self, scope: Scope, serial: str, session: str) -> None:
        """End what a reader waits for in the name of a session; a card that is being processed goes on to its end."""
        row = of_device(scope.tx, serial)
        if row is not None and row["owner"] == session:
            self._clear_away(scope, row)
        self._commands.discard_card(scope, serial)

    def call_all_off(self, scope: Scope, serial: str) -> None:
        """End what a reader waits for in anybody's name: a server's action, or what a session left behind."""
        row = of_device(scope.tx, serial)
        if row is not None:
            self._clear_away(scope, row)
        self._commands.discard_card(scope, serial)

    def _clear_away(self, scope: Scope, row: Document) -> None:
        try:
            self._commands.call_off(scope, row)
        except ApiError as error:
            if error.code != BUSY:
                raise
            return
        if row["owner"] is None:
            reader = scope.fetch(KIND, row["reader"])
            scope.save(reader | {"action": None})

    def forget(self, scope: Scope, session: str) -> None:
        """Nobody will ask any more how the session's actions ended."""
        for name, _ in list(scope.tx.each("", OUTCOMES, where={"owner": session})):
            scope.tx.delete("", OUTCOMES, name)

    # --- the commands -------------------------------------------------------------------------------------------

    def _start(self, scope: Scope, serial: str, session: PosSession, method: str, content: Content) -> Content:
        action, starter = self._starters[method]
        endpoint = self._rooms.catalog.by_operation[f"POST /v1/terminal/readers/{{reader}}/{action}"]
        given = params.check(endpoint.params, decode(form_of(content)))
        entry = scope.tx.get("", DIRECTORY, serial)
        assert entry is not None, "only a registered reader has a session"
        reader = scope.fetch(KIND, entry["reader"])
        task = starter(scope, reader, session, given)
        self.forget(scope, session.id)
        before = of_device(scope.tx, serial)
        try:
            self._commands.start(scope, reader, task, session.id)
        except ApiError as error:
            # The platform misses the reader's word; the POS, which is talking to the reader, does not.
            if not error.commits:
                raise
        if before is not None and before["owner"] == session.id:
            scope.tx.delete("", OUTCOMES, before["action"])
        return {"status": "in_progress"}

    def _display(self, scope: Scope, reader: Document, session: PosSession, given: Document) -> Task:
        self._commands.usable(scope.tx, reader, session.id)
        return display_task(given)

    def _collect(self, scope: Scope, reader: Document, session: PosSession, given: Document) -> Task:
        device = self._commands.usable(scope.tx, reader, session.id)
        intent = _intent(scope, given["payment_intent"])
        config = given.get("collect_config") or {}
        return card_task(scope, reader, device, "collect_payment_method", intent, config, "collect_config")

    def _confirm(self, scope: Scope, reader: Document, session: PosSession, given: Document) -> Task:
        self._commands.usable(scope.tx, reader, session.id)
        intent = _intent(scope, given["payment_intent"])
        config = given.get("confirm_config") or {}
        return confirm_task(scope, self._rooms.timers, reader, intent, config, session.id)

    def _outcome(self, scope: Scope, serial: str, session: PosSession) -> Content:
        """How far the collection or the confirmation that was started last has come."""
        row = of_device(scope.tx, serial)
        if row is not None and row["owner"] == session.id and row["type"] != DISPLAY:
            return {"status": "in_progress"}
        for name, _ in scope.tx.each("", OUTCOMES, where={"owner": session.id}):
            ended = scope.tx.get("", OUTCOMES, name)
            if ended is not None and ended["type"] != DISPLAY:
                intent = scope.fetch("payment_intent", ended["details"]["payment_intent"])
                told = {"payment_intent": intent, "payment_method": intent["payment_method"]}
                return {"status": ended["status"], "problem": ended["problem"], **told}
        raise PosRefused(NOTHING_COLLECTED, "Nothing was collected or confirmed in this session.")

    def _cancel(self, scope: Scope, serial: str, session: PosSession) -> Content:
        row = of_device(scope.tx, serial)
        if row is None and self._commands.discard_card(scope, serial):
            return {}
        if row is None or row["owner"] != session.id or row["type"] == DISPLAY:
            raise PosRefused("cancel_failed", "There is nothing to cancel: it has come to its end.")
        self._commands.call_off(scope, row)
        return {}

    def _clear(self, scope: Scope, serial: str, session: PosSession) -> Content:
        row = of_device(scope.tx, serial)
        if row is not None and row["owner"] == session.id and row["type"] == DISPLAY:
            self._commands.call_off(scope, row)
        return {}


def _intent(scope: Scope, named: str) -> str:
    """The id of the intent that a POS names by its id or, as SDKs do, by its client secret."""
    identity, separator, _ = named.partition(SECRET)
    if separator:
        intent = scope.fetch("payment_intent", identity, param="payment_intent")
        if intent["client_secret"] != named:
            raise PosRefused("invalid_client_secret", "The client secret is not that of the PaymentIntent.")
    return identity
