"""What the platform does with a card that a device has read: pay, collect, save, refund (terminal.md §2.5–§2.7).

Each answer is None for an approval, or the API error that the action fails with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from countertop.api.scope import Document, Scope
from countertop.gateway import CardRead, TraceEntry
from countertop.network.messages import IssuerResponse, PinBlock, RequestKind
from countertop.services.payments import cards, networks
from countertop.services.payments.charge_objects import error_of
from countertop.services.payments.in_person_refunds import ask_first, problem_with, refund_in_person
from countertop.services.payments.payment_methods import read_method
from countertop.services.payments.sales import Payments, Place, Said
from countertop.services.payments.setups import Setups
from countertop.services.terminal import collected
from countertop.services.terminal.traces import host_messages

if TYPE_CHECKING:
    from countertop.services.rooms import Rooms

Problem = Document | None
SETUP_CHANGED = "The SetupIntent was changed in the meantime."
NO_LONGER = "The PaymentIntent can no longer be paid as the reader showed it: it was changed in the meantime."


class CardAnswers:
    """The answers, on one world's payments."""

    def __init__(self, rooms: Rooms, sales: Payments, setups: Setups) -> None:
        self._rooms = rooms
        self._sales = sales
        self._setups = setups

    # --- a chip's request: ask the issuer, and write nothing before the chip has heard the answer ---------------

    def ask(self, scope: Scope, row: Document, read: CardRead, tip: int | None) -> Said | Document:
        """What the issuer says to a chip's request, or the problem that keeps it from being asked."""
        card = self._card(scope, read)
        match row["type"]:
            case "process_setup_intent":
                setup = scope.fetch("setup_intent", row["setup"])
                return self._setups.ask_first(scope, card) if _can_be_set_up(setup) else _invalid_state(SETUP_CHANGED)
            case "refund_payment":
                charge = scope.fetch("charge", row["charge"])
                problem = problem_with(charge, card, row["amount"])
                return problem or ask_first(self._sales, scope, charge, card, row["amount"])
        intent = scope.fetch("payment_intent", row["intent"])
        if row["type"] == "confirm_payment_intent":
            states = _confirmable(row)
            tip = None if row["answer"] is None else row["tip"]
        else:
            states = ("requires_payment_method",)
        if not _is_as_shown(intent, row, states):
            return _invalid_state()
        road = networks.road_of(intent, card, scope.account, tuple(row["unsupported_networks"]))
        return road.problem or self._sales.ask_first(scope, intent, road.card, road.kind, tip, self._place(scope, row))

    def told(
        self, scope: Scope, kind: RequestKind, read: CardRead, said: Said, answer: IssuerResponse
    ) -> list[TraceEntry]:
        """The entries of a trace about a question to the issuer and its answer."""
        card = self._card(scope, read)
        request = self._sales.question(scope, kind, card, said.amount, said.currency, said.reference)
        return host_messages(scope, request, answer, self._sales.vault.reveal(scope.tx, card.token))

    def report(self, scope: Scope, read: CardRead, said: Said) -> IssuerResponse:
        """Tell the issuer what the chip did with its scripts."""
        return self._sales.report(scope, self._card(scope, read), said)

    def reverse(self, scope: Scope, read: CardRead, said: Said) -> IssuerResponse:
        """The issuer approved, and nothing came of it."""
        return self._sales.undo(scope, self._card(scope, read), said)

    # --- what is written ------------------------------------------------------------------------------------------

    def pay(self, scope: Scope, row: Document, read: CardRead, tip: int | None, said: Said | None = None) -> Problem:
        """``process_payment_intent``: authorize the intent with the card."""
        intent = scope.fetch("payment_intent", row["intent"])
        if not _is_as_shown(intent, row, ("requires_payment_method",)):
            return _invalid_state()
        road = networks.road_of(intent, self._card(scope, read), scope.account, tuple(row["unsupported_networks"]))
        if road.problem is not None:
            return road.problem
        method = read_method(self._sales, scope, road.kind, road.card)
        return self._authorize(scope, row, intent, road, method, tip, said)

    def confirm(
        self, scope: Scope, row: Document, read: CardRead, tip: int | None, said: Said | None = None
    ) -> Problem:
        """``confirm_payment_intent``: authorize with what was collected, or with the chip that a PIN was asked for."""
        intent = scope.fetch("payment_intent", row["intent"])
        swapped = row["answer"] is None and intent["payment_method"] != row["method"]
        if swapped or not _is_as_shown(intent, row, _confirmable(row)):
            return _invalid_state()
        road = networks.road_of(intent, self._card(scope, read), scope.account, tuple(row["unsupported_networks"]))
        if road.problem is not None:
            return road.problem
        if row["answer"] is not None:
            method = read_method(self._sales, scope, road.kind, road.card)
            return self._authorize(scope, row, intent, road, method, row["tip"], said)
        # The tip waits with the intent since it was collected.
        method = scope.fetch("payment_method", row["method"])
        before = self._sales.card_of(scope, method["id"])
        if (before.token, before.read_method) != (road.card.token, road.card.read_method):
            # Presented once more, and not the card that was collected.
            method = read_method(self._sales, scope, road.kind, road.card)
        return self._authorize(scope, row, intent, road, method, None, said)

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

    def save_card(
        self, scope: Scope, row: Document, read: CardRead, tip: int | None, said: Said | None = None
    ) -> Problem:
        """``process_setup_intent``: verify the card and keep a copy that can be charged later."""
        setup = scope.fetch("setup_intent", row["setup"])
        if not _can_be_set_up(setup):
            return _invalid_state(SETUP_CHANGED)
        done = self._setups.verify(
            scope, setup, self._card(scope, read), self._place(scope, row), row["allow_redisplay"], said
        )
        if done.problem is None and done.generated_card is not None:
            row["details"] |= {"generated_card": done.generated_card["id"]}
        return done.problem

    def refund(self, scope: Scope, row: Document, read: CardRead, tip: int | None, said: Said | None = None) -> Problem:
        """``refund_payment``: give the money back to the card that paid."""
        charge = scope.fetch("charge", row["charge"])
        metadata = row["details"].get("metadata")
        card = self._card(scope, read)
        done = refund_in_person(self._sales, scope, charge, card, row["amount"], metadata=metadata, said=said)
        if done.refund is not None:
            row["details"] |= {"refund": done.refund["id"]}
        return done.problem

    # --- inner --------------------------------------------------------------------------------------------------

    def _authorize(
        self,
        scope: Scope,
        row: Document,
        intent: Document,
        road: networks.Road,
        method: Document,
        tip: int | None,
        said: Said | None,
    ) -> Problem:
        done = self._sales.authorize(
            scope,
            intent,
            road.card,
            method,
            self._place(scope, row),
            tip=tip,
            allow_redisplay=row["allow_redisplay"],
            said=said,
        )
        return None if done.answer.approved else error_of(done.charge, done.answer, method)

    def _card(self, scope: Scope, read: CardRead) -> cards.Card:
        vault = self._sales.vault
        number = vault.reveal(scope.tx, read.card_token)
        card = cards.describe(vault, scope.account.id, number, read.card_token, read.exp_month, read.exp_year)
        if read.read_method is None:
            return card
        pin = None if read.pin is None else PinBlock(read.pin.block, read.pin.ksn, read.pin.algorithm)
        met = cards.met_reader(card, read.read_method, read.cvm, read.cardholder_name, read.network, read.emv, pin)
        return replace(met, track=read.track)

    def _place(self, scope: Scope, row: Document) -> Place:
        reader = scope.fetch("terminal.reader", row["reader"])
        return Place(reader["id"], reader["location"])


def _confirmable(row: Document) -> tuple[str, ...]:
    """The states of an intent that is confirmed; a soft decline has put it back, and the retry belongs to the same
    action."""
    return ("requires_confirmation",) if row["answer"] is None else ("requires_payment_method",)


def _can_be_set_up(setup: Document) -> bool:
    return setup["status"] in ("requires_payment_method", "requires_confirmation")


def _is_as_shown(intent: Document, row: Document, states: tuple[str, ...]) -> bool:
    shown = (row["amount"], row["currency"])
    # Who asked the reader before the intent was to be used again has no consent for that (terminal.md §2.6).
    consents = not intent.get("setup_future_usage") or row["allow_redisplay"] in ("always", "limited")
    return consents and intent["status"] in states and (intent["amount"], intent["currency"]) == shown


def _invalid_state(message: str = NO_LONGER) -> Document:
    return {"code": "intent_invalid_state", "message": message, "type": "invalid_request_error"}
