"""What the platform does with a card that a device has read: pay, collect, save, refund (terminal.md §2.5–§2.7).

Each answer is None for an approval, or the API error that the action fails with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Document, Scope
from countertop.gateway import CardRead
from countertop.services.payments import cards, networks
from countertop.services.payments.charge_objects import error_of
from countertop.services.payments.in_person_refunds import refund_in_person
from countertop.services.payments.payment_methods import read_method
from countertop.services.payments.sales import Payments, Place
from countertop.services.payments.setups import Setups
from countertop.services.terminal import collected

if TYPE_CHECKING:
    from countertop.services.rooms import Rooms

Problem = Document | None
NO_LONGER = "The PaymentIntent can no longer be paid as the reader showed it: it was changed in the meantime."


class CardAnswers:
    """The answers, on one world's payments."""

    def __init__(self, rooms: Rooms, sales: Payments, setups: Setups) -> None:
        self._rooms = rooms
        self._sales = sales
        self._setups = setups

    def pay(self, scope: Scope, row: Document, read: CardRead, tip: int | None) -> Problem:
        """``process_payment_intent``: authorize the intent with the card."""
        intent = scope.fetch("payment_intent", row["intent"])
        if not _is_as_shown(intent, row, ("requires_payment_method",)):
            return _invalid_state()
        road = networks.road_of(intent, self._card(scope, read), scope.account, tuple(row["unsupported_networks"]))
        if road.problem is not None:
            return road.problem
        method = read_method(self._sales, scope, road.kind, road.card)
        return self._authorize(scope, row, intent, road, method, tip)

    def confirm(self, scope: Scope, row: Document, read: CardRead, tip: int | None) -> Problem:
        """``confirm_payment_intent``: authorize with what was collected, or with the chip that a PIN was asked for."""
        intent = scope.fetch("payment_intent", row["intent"])
        # A soft decline has put the intent back; the retry with a PIN belongs to the same action.
        states = ("requires_confirmation",) if row["answer"] is None else ("requires_payment_method",)
        swapped = row["answer"] is None and intent["payment_method"] != row["method"]
        if swapped or not _is_as_shown(intent, row, states):
            return _invalid_state()
        road = networks.road_of(intent, self._card(scope, read), scope.account, tuple(row["unsupported_networks"]))
        if road.problem is not None:
            return road.problem
        if row["answer"] is not None:
            method = read_method(self._sales, scope, road.kind, road.card)
            return self._authorize(scope, row, intent, road, method, row["tip"])
        # The tip waits with the intent since it was collected.
        method = scope.fetch("payment_method", row["method"])
        before = self._sales.card_of(scope, method["id"])
        if (before.token, before.read_method) != (road.card.token, road.card.read_method):
            # Presented once more, and not the card that was collected.
            method = read_method(self._sales, scope, road.kind, road.card)
        return self._authorize(scope, row, intent, road, method, None)

    def collect(self, scope: Scope, row: Document, read: CardRead, tip: int | None) -> Problem:
        """``collect_payment_method``: the intent has its payment method, and 30 seconds to be confirmed."""
        intent = scope.fetch("payment_intent", row["intent"])
        if not _is_as_shown(intent, row, ("requires_payment_method",)):
            return _invalid_state()
        road = networks.road_of(intent, self._card(scope, read), scope.account, tuple(row["unsupported_networks"]))
        if road.problem is not None:
            return road.problem
        method = read_method(self._sales, scope, road.kind, road.card)
        self._sales.collect(scope, intent, method, tip)
        row["details"] |= {"payment_method": method}
        collected.keep(scope, self._rooms.timers, row, method["id"], tip)
        return None

    def save_card(self, scope: Scope, row: Document, read: CardRead, tip: int | None) -> Problem:
        """``process_setup_intent``: verify the card and keep a copy that can be charged later."""
        setup = scope.fetch("setup_intent", row["setup"])
        if setup["status"] not in ("requires_payment_method", "requires_confirmation"):
            return _invalid_state("The SetupIntent was changed in the meantime.")
        done = self._setups.verify(
            scope, setup, self._card(scope, read), self._place(scope, row), row["allow_redisplay"]
        )
        if done.problem is None and done.generated_card is not None:
            row["details"] |= {"generated_card": done.generated_card["id"]}
        return done.problem

    def refund(self, scope: Scope, row: Document, read: CardRead, tip: int | None) -> Problem:
        """``refund_payment``: give the money back to the card that paid."""
        charge = scope.fetch("charge", row["charge"])
        metadata = row["details"].get("metadata")
        done = refund_in_person(self._sales, scope, charge, self._card(scope, read), row["amount"], metadata=metadata)
        if done.refund is not None:
            row["details"] |= {"refund": done.refund["id"]}
        return done.problem

    # --- inner --------------------------------------------------------------------------------------------------

    def _authorize(
        self, scope: Scope, row: Document, intent: Document, road: networks.Road, method: Document, tip: int | None
    ) -> Problem:
        done = self._sales.authorize(
            scope,
            intent,
            road.card,
            method,
            self._place(scope, row),
            tip=tip,
            allow_redisplay=row["allow_redisplay"],
        )
        return None if done.answer.approved else error_of(done.charge, done.answer, method)

    def _card(self, scope: Scope, read: CardRead) -> cards.Card:
        vault = self._sales.vault
        number = vault.reveal(scope.tx, read.card_token)
        card = cards.describe(vault, scope.account.id, number, read.card_token, read.exp_month, read.exp_year)
        if read.read_method is None:
            return card
        return cards.met_reader(card, read.read_method, read.cvm, read.cardholder_name, read.network)

    def _place(self, scope: Scope, row: Document) -> Place:
        reader = scope.fetch("terminal.reader", row["reader"])
        return Place(reader["id"], reader["location"])


def _is_as_shown(intent: Document, row: Document, states: tuple[str, ...]) -> bool:
    shown = (row["amount"], row["currency"])
    # Who asked the reader before the intent was to be used again has no consent for that (terminal.md §2.6).
    consents = not intent.get("setup_future_usage") or row["allow_redisplay"] in ("always", "limited")
    return consents and intent["status"] in states and (intent["amount"], intent["currency"]) == shown


def _invalid_state(message: str = NO_LONGER) -> Document:
    return {"code": "intent_invalid_state", "message": message, "type": "invalid_request_error"}
