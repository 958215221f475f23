"""The platform's end of the wire: what devices report becomes payments, reader actions and events (§2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countertop.api.scope import Document, Scope
from countertop.gateway import (
    ActionEnded,
    AuthorizationAnswer,
    AuthorizationRequest,
    PairingCodeShown,
    ToPlatform,
)
from countertop.services.payments import cards
from countertop.services.payments.charge_objects import error_of
from countertop.services.payments.payment_methods import read_method
from countertop.services.payments.sales import Payments, Place
from countertop.services.terminal import pairing
from countertop.services.terminal.actions import RUNNING

if TYPE_CHECKING:
    from countertop.services.rooms import Rooms

NO_LONGER = "The PaymentIntent can no longer be paid as the reader showed it: it was changed in the meantime."
NOT_TAKEN = "The PaymentIntent does not take cards of this kind in person."


class PlatformLink:
    """Takes messages from devices, each inside the transaction that caused it."""

    def __init__(self, rooms: Rooms, sales: Payments) -> None:
        self._rooms = rooms
        self._sales = sales

    def deliver(self, context: Any, serial: str, message: ToPlatform) -> None:
        """One message from one device; late ones about an action that is over are dropped."""
        if isinstance(message, PairingCodeShown):
            pairing.announce(context, serial, message, message.expires_ms // 1000)
            return
        running = context.get("", RUNNING, serial)
        if running is None or running["action"] != message.action:
            return
        account = self._rooms.accounts.by_id(running["account"])
        assert account is not None, "an account outlives what its readers do"
        scope = self._rooms.scope(context, account)
        if isinstance(message, AuthorizationRequest):
            self._authorize(scope, serial, running, message)
        else:
            self._end(scope, serial, running, message)

    def _authorize(self, scope: Scope, serial: str, running: Document, message: AuthorizationRequest) -> None:
        intent = scope.fetch("payment_intent", running["intent"])
        shown = (running["amount"], running["currency"])
        if intent["status"] != "requires_payment_method" or (intent["amount"], intent["currency"]) != shown:
            error = {"code": "intent_invalid_state", "message": NO_LONGER, "type": "invalid_request_error"}
            self._answer(scope, serial, running, message.action, error)
            return
        read = message.card
        number = self._sales.vault.reveal(scope.tx, read.card_token)
        described = cards.describe(
            self._sales.vault, scope.account.id, number, read.card_token, read.exp_month, read.exp_year
        )
        card = cards.met_reader(described, read.read_method, read.cvm, read.cardholder_name)
        kind = "interac_present" if "interac" in card.networks else "card_present"
        if kind not in intent["payment_method_types"]:
            error = {"code": "payment_intent_incompatible_payment_method", "message": NOT_TAKEN}
            self._answer(scope, serial, running, message.action, error | {"type": "invalid_request_error"})
            return
        method = read_method(self._sales, scope, kind, card)
        reader = scope.fetch("terminal.reader", running["reader"])
        done = self._sales.authorize(scope, intent, card, method, Place(reader["id"], reader["location"]))
        problem = None if done.answer.approved else error_of(done.charge, done.answer, method)
        self._answer(scope, serial, running, message.action, problem)

    def _answer(self, scope: Scope, serial: str, running: Document, action: str, problem: Document | None) -> None:
        running["answer"] = {"problem": problem}
        scope.tx.put("", RUNNING, running, created=scope.now)
        answer = AuthorizationAnswer(
            action,
            approved=problem is None,
            code=problem["code"] if problem else None,
            message=problem["message"] if problem else None,
        )
        self._rooms.gateway.to_device(scope.tx, serial, answer)

    def _end(self, scope: Scope, serial: str, running: Document, message: ActionEnded) -> None:
        scope.tx.delete("", RUNNING, serial)
        reader = scope.fetch("terminal.reader", running["reader"])
        if message.succeeded:
            reader["action"] |= {"status": "succeeded"}
            scope.save(reader)
            scope.emit("terminal.reader.action_succeeded", self._shown(scope, reader))
            return
        # A failure that the device names (a cancel, a time-out after a soft decline) is the last thing that happened.
        problem = None if message.failure_code else (running["answer"] or {}).get("problem")
        reader["action"] |= {
            "api_error": problem,
            "failure_code": problem["code"] if problem else message.failure_code,
            "failure_message": problem["message"] if problem else message.failure_message,
            "status": "failed",
        }
        scope.save(reader)
        scope.emit("terminal.reader.action_failed", self._shown(scope, reader))

    def _shown(self, scope: Scope, reader: Document) -> Document:
        seen = self._rooms.gateway.devices.last_seen_ms(reader["serial_number"])
        return reader | {"last_seen_at": seen, "status": "online"}
