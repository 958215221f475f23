"""The money side of a payment: authorize, capture, release, refund; every road to a charge goes through here.

What a reader read and what a form posted meet in :meth:`Payments.authorize`; the issuer host behind the network
decides.  Rules about an intent's state live in the modules beside this one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from countertop.api.errors import invalid, not_implemented
from countertop.api.scope import Document, Scope
from countertop.network.messages import IssuerRequest, IssuerResponse, Merchant, RequestKind
from countertop.services.payments import cards, charge_objects, ledger, networks, scheme_rules, tips
from countertop.services.payments.amounts import LARGEST
from countertop.services.payments.cards import Card
from countertop.services.payments.expiry import AUTHORIZATION_EXPIRY
from countertop.services.payments.method_details import Terms
from countertop.services.payments.method_objects import attach, can_generate, generate

if TYPE_CHECKING:
    from countertop.services.rooms import Rooms

CARD_TYPES = ("card", "card_present", "interac_present")
TOKENS = "_card_token"
"""Rows ``{id: pm_…, token, …}``: which vault token stands behind a payment method."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card met a reader: ids of the reader and its location."""

    reader: str
    location: str | None


@dataclass(frozen=True, slots=True)
class Authorized:
    """What an authorization led to: the intent as it is now, its charge, and the issuer's answer."""

    intent: Document
    charge: Document
    answer: IssuerResponse


@dataclass(frozen=True, slots=True)
class Said:
    """What an issuer said to a question; ``reference`` is the question's name, such as the id of a charge to be.

    ``amount``: minor units of ``currency``.
    """

    reference: str
    answer: IssuerResponse
    amount: int
    currency: str


class Payments:
    """Authorizations and what follows them."""

    def __init__(self, rooms: Rooms) -> None:
        self._network = rooms.network
        self.timers = rooms.timers
        self.vault = rooms.vault

    def authorize(
        self,
        scope: Scope,
        intent: Document,
        card: Card,
        method: Document,
        place: Place | None = None,
        *,
        tip: int | None = None,
        allow_redisplay: str | None = None,
        said: Said | None = None,
    ) -> Authorized:
        """Ask the issuer for the intent's amount, write the charge, and move the intent on.

        ``said``: what the issuer has said already, when a chip had to hear it first (:meth:`ask_first`).

        ``tip``: added to the amount, 0 when it was refused, None when nobody asked (or with what was collected).
        ``allow_redisplay``: that of the card which is generated when the intent is to be used again.

        A decline is an outcome, not an exception: the charge is ``failed`` and the intent back at
        ``requires_payment_method`` with ``last_payment_error`` set and its amount without the tip (terminal.md §2.6).
        """
        before = dict(intent)
        intent = tips.with_tip(intent, tips.take(scope, intent) if tip is None else tip)
        if card.read_method is not None and card.network is None:
            card = networks.road_of(intent, card, scope.account).card
        kind = method["type"]
        said = said or self._asked(scope, intent, card, kind)
        charge_id, answer = said.reference, said.answer
        held = networks.is_held(intent, kind, card.network)
        terms = _terms(scope, intent, card, kind, answer, held=held)
        charge = charge_objects.build(
            scope, charge_objects.Sale(charge_id, intent, card, method, place, answer, held, terms)
        )
        if not answer.approved:
            failed = self._decline(scope, before, charge, answer, method)
            return Authorized(failed, charge, answer)
        if kind == "card_present" and intent.get("setup_future_usage") and can_generate(card):
            self._generate(scope, intent, card, charge, allow_redisplay)
        elif kind == "card" and intent.get("setup_future_usage"):
            attach(scope, method, intent["customer"])
        # The charge's events show it without its balance transaction, which follows in charge.updated.
        scope.save(charge, "charge.succeeded")
        if not held:
            # One message authorizes and captures; its issuer hears of both.
            self.ask(scope, "capture", card, charge["amount"], charge["currency"], charge["id"])
            self._settle(scope, charge)
        else:
            assert terms.capture_before is not None, "what is held ends some day"
            due_ms = terms.capture_before * 1000
            self.timers.set(scope.tx, scope.account.id, AUTHORIZATION_EXPIRY, intent["id"], due_ms)
        after = intent | {
            "latest_charge": charge["id"],
            "last_payment_error": None,
            "next_action": None,
            "payment_method": method["id"],
            "status": "requires_capture" if held else "succeeded",
            "amount_capturable": intent["amount"] if held else 0,
            "amount_received": 0 if held else intent["amount"],
        }
        event = "payment_intent.amount_capturable_updated" if held else "payment_intent.succeeded"
        scope.save(after, event)
        return Authorized(after, charge, answer)

    def ask_first(
        self, scope: Scope, intent: Document, card: Card, kind: str, tip: int | None, place: Place | None = None
    ) -> Said:
        """Ask the issuer for an intent's amount and write nothing yet: the chip has the last word.

        The answer may be awaited (:class:`countertop.network.messages.Awaited`).
        """
        tipped = tips.with_tip(intent, tips.peek(scope, intent) if tip is None else tip)
        return self._asked(scope, tipped, card, kind, place, can_wait=True)

    def undo(self, scope: Scope, card: Card, said: Said) -> IssuerResponse:
        """Reverse an approval that came to nothing."""
        return self.ask(scope, "reversal", card, said.amount, said.currency, said.reference)

    def report(self, scope: Scope, card: Card, said: Said) -> IssuerResponse:
        """Tell the issuer what became of its scripts (tag 9F5B)."""
        return self.ask(scope, "advice", card, said.amount, said.currency, said.reference)

    def collect(self, scope: Scope, intent: Document, method: Document, tip: int | None) -> Document:
        """A card was read for an intent and is not charged yet; the tip waits with it.  Returns the intent."""
        tips.keep(scope, intent, tip)
        return scope.save(intent | {"payment_method": method["id"], "status": "requires_confirmation"})

    def capture(self, scope: Scope, intent: Document, amount: int) -> Document:
        """Capture ``amount`` of a held authorization; the rest is released.  Returns the intent."""
        charge = scope.fetch("charge", intent["latest_charge"])
        self._tell(scope, "capture", charge, amount)
        charge |= {"amount_captured": amount, "captured": True}
        if amount > charge["amount"]:
            charge["amount"] = amount
        charge["amount_refunded"] = max(charge["amount"] - amount, 0)
        self.timers.clear(scope.tx, scope.account.id, AUTHORIZATION_EXPIRY, intent["id"])
        self._settle(scope, charge, announce=False)
        scope.emit("charge.captured", charge)
        after = intent | {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
        return scope.save(after, "payment_intent.succeeded")

    def release(self, scope: Scope, intent: Document, reason: str | None) -> Document:
        """Cancel an intent: a held authorization is reversed at the issuer, its charge expires unrefunded."""
        if intent["latest_charge"] is not None and intent["status"] == "requires_capture":
            charge = scope.fetch("charge", intent["latest_charge"])
            self._tell(scope, "reversal", charge, charge["amount"])
            charge |= {"amount_refunded": charge["amount"], "refunded": True}
            scope.save(charge, "charge.expired" if reason == "automatic" else "charge.refunded")
        self.timers.clear(scope.tx, scope.account.id, AUTHORIZATION_EXPIRY, intent["id"])
        tips.take(scope, intent)
        after = intent | {
            "status": "canceled",
            "canceled_at": scope.now,
            "cancellation_reason": reason,
            "amount_capturable": 0,
        }
        return scope.save(after, "payment_intent.canceled")

    def increase(self, scope: Scope, intent: Document, amount: int, changes: Document) -> IssuerResponse:
        """Ask the issuer to raise a held authorization to ``amount``; on approval intent and charge are raised.

        ``changes``: other members of the intent that change with it.
        """
        charge = scope.fetch("charge", intent["latest_charge"])
        card = self.card_of(scope, intent["payment_method"])
        answer = self.ask(scope, "incremental", card, amount, intent["currency"], charge["id"])
        if answer.approved:
            details = charge["payment_method_details"][charge["payment_method_details"]["type"]]
            before = dict(intent)
            charge["amount"] = details["amount_authorized"] = amount
            scope.save(charge)
            intent |= changes | {"amount": amount, "amount_capturable": amount}
            scope.save(intent, "payment_intent.amount_capturable_updated", before)
        return answer

    def ask(
        self,
        scope: Scope,
        kind: RequestKind,
        card: Card,
        amount: int,
        currency: str,
        reference: str,
        place: Place | None = None,
        *,
        can_wait: bool = False,
    ) -> IssuerResponse:
        """One question to the issuer of a card."""
        question = self.question(scope, kind, card, amount, currency, reference, place)
        return self._network.decide(scope.tx, replace(question, can_wait=True) if can_wait else question)

    def question(
        self,
        scope: Scope,
        kind: RequestKind,
        card: Card,
        amount: int,
        currency: str,
        reference: str,
        place: Place | None = None,
    ) -> IssuerRequest:
        """A question as it goes to the issuer."""
        account = scope.account
        return IssuerRequest(
            kind=kind,
            card_token=card.token,
            amount=amount,
            currency=currency,
            country=account.country,
            mcc=account.mcc,
            reference=reference,
            read_method=card.read_method,
            cvm=card.cvm if card.read_method else None,
            emv=card.emv,
            pin=card.pin,
            track=card.track,
            when=scope.now,
            merchant=merchant_at(scope, place),
        )

    def remember_card(self, scope: Scope, method: str, card: Card) -> None:
        """Keep which card stands behind a payment method: its vault token and what was read with it."""
        scope.tx.put(scope.account.id, TOKENS, cards.to_row(card, method), created=scope.now)

    def card_of(self, scope: Scope, method: str) -> Card:
        """The card behind a payment method.

        Raises ApiError: 501 for a type of payment method that nothing here can charge, 400 for a card that was
        loaded as an object, since an object does not carry its number.
        """
        row = scope.tx.get(scope.account.id, TOKENS, method)
        if row is None:
            found = scope.fetch("payment_method", method, param="payment_method")
            if found["type"] not in CARD_TYPES:
                raise not_implemented(f"charging a payment method of type {found['type']}")
            raise invalid(
                f"The PaymentMethod {method} was loaded without its card number, so no issuer can be asked about it. "
                "Make a payment method from a test card instead.",
                param="payment_method",
            )
        return cards.from_row(row)

    # --- inner --------------------------------------------------------------------------------------------------

    def _asked(
        self,
        scope: Scope,
        intent: Document,
        card: Card,
        kind: str,
        place: Place | None = None,
        *,
        can_wait: bool = False,
    ) -> Said:
        reference = scope.new_id("charge")
        answer = _refusal(intent, card, kind) or self.ask(
            scope, "authorization", card, intent["amount"], intent["currency"], reference, place, can_wait=can_wait
        )
        return Said(reference, answer, intent["amount"], intent["currency"])

    def _generate(
        self, scope: Scope, intent: Document, card: Card, charge: Document, allow_redisplay: str | None
    ) -> None:
        read = charge["payment_method_details"]["card_present"]
        made = generate(
            self,
            scope,
            card,
            dict(read),
            customer=intent["customer"],
            allow_redisplay=allow_redisplay,
            charge=charge["id"],
        )
        read["generated_card"] = made["id"]

    def _tell(self, scope: Scope, kind: RequestKind, charge: Document, amount: int) -> None:
        """Let the issuer know what became of its authorization; there is nothing left for it to refuse."""
        if scope.tx.get(scope.account.id, TOKENS, charge["payment_method"]) is not None:
            card = self.card_of(scope, charge["payment_method"])
            self.ask(scope, kind, card, amount, charge["currency"], charge["id"])

    def _settle(self, scope: Scope, charge: Document, *, announce: bool = True) -> None:
        before = dict(charge)
        charge["balance_transaction"] = ledger.for_charge(self.timers, scope, charge)["id"]
        scope.save(charge, "charge.updated" if announce else None, before if announce else None)

    def _decline(
        self, scope: Scope, intent: Document, charge: Document, answer: IssuerResponse, method: Document
    ) -> Document:
        scope.save(charge, "charge.failed")
        after = intent | {
            "latest_charge": charge["id"],
            "last_payment_error": charge_objects.error_of(charge, answer, method),
            "next_action": None,
            "payment_method": None,
            "status": "requires_payment_method",
        }
        return scope.save(after, "payment_intent.payment_failed")


def merchant_at(scope: Scope, place: Place | None) -> Merchant:
    """The account as an issuer is told of it; at a reader, where its location is."""
    account = scope.account
    location = scope.get("terminal.location", place.location) if place is not None and place.location else None
    if place is None or location is None:
        return Merchant(account.business_name, account.id)
    address = location["address"]
    return Merchant(
        account.business_name, account.id, place.reader, address["city"], address["state"], address["postal_code"]
    )


def _refusal(intent: Document, card: Card, kind: str) -> IssuerResponse | None:
    if intent["amount"] > LARGEST:
        return networks.declined_here("amount_too_large", "The amount with its tip is too large.", "amount_too_large")
    return networks.refusal(intent, card, kind) if card.read_method is not None else None


def _terms(scope: Scope, intent: Document, card: Card, kind: str, answer: IssuerResponse, *, held: bool) -> Terms:
    """What the authorization of a card is worth later on."""
    amount = intent["amount"] if answer.approved else None
    if not (held and answer.approved):
        return Terms(amount, authorization_code=answer.authorization_code)
    present, account = kind == "card_present", scope.account
    options = ((intent.get("payment_method_options") or {}).get(kind) or {}) if present else {}
    window = scheme_rules.capture_window_s(
        card.brand,
        account.mcc,
        in_person=present,
        extended=bool(options.get("request_extended_authorization")),
    )
    can_increase = bool(options.get("request_incremental_authorization_support")) and scheme_rules.can_increase(
        card.brand, card.network, account.mcc
    )
    can_overcapture = present and scheme_rules.can_overcapture(card.brand, card.network, account.mcc, account.country)
    return Terms(amount, scope.now + window, can_increase, can_overcapture, answer.authorization_code)
