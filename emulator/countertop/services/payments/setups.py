"""Saving a card without a payment: a verification of zero, an attempt, and what the card leaves behind (§2.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countertop.api.scope import Document, Scope
from countertop.api.shape import complete
from countertop.services.payments import method_details, networks
from countertop.services.payments.charge_objects import error_of
from countertop.services.payments.method_details import Terms
from countertop.services.payments.method_objects import attach, base, generate, save_card
from countertop.services.payments.sales import Said

if TYPE_CHECKING:
    from countertop.services.payments.cards import Card
    from countertop.services.payments.sales import Payments, Place

KIND = "setup_intent"
ATTEMPT = "setup_attempt"
FAILED_IN_PERSON = "setup_intent_authentication_failure"
# A decline that asks for a PIN is no failure yet: the reader asks for it and tries again.
PIN_CODES = ("offline_pin_required", "online_or_offline_pin_required")


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification led to: intent and attempt as they are now, the card that was generated, or the problem."""

    setup_intent: Document
    attempt: Document
    generated_card: Document | None
    problem: Document | None


class Setups:
    """Verifications, on one world's payments."""

    def __init__(self, sales: Payments) -> None:
        self._sales = sales

    def verify(
        self,
        scope: Scope,
        setup_intent: Document,
        card: Card,
        place: Place | None,
        allow_redisplay: str | None = None,
        said: Said | None = None,
    ) -> Verified:
        """A card met a reader for a SetupIntent: on its international brand, whatever else it can run on.

        ``said``: what the issuer has said already (:meth:`ask_first`).

        Approved: the generated ``card`` PaymentMethod is attached when there is a customer, and the intent has
        succeeded.  Declined: ``setup_intent_authentication_failure``, and the intent waits for another card.
        """
        kind = "interac_present" if "interac" in card.networks else "card_present"
        card = networks.international(card, scope.account)
        method = save_card(self._sales, scope, base(scope, kind), card)
        said = said or self._asked(scope, card)
        attempt_id, answer = said.reference, said.answer
        if not answer.approved:
            code = answer.code if answer.code in PIN_CODES else FAILED_IN_PERSON
            error = error_of(None, answer, method) | {"code": code}
            details = _in_person(kind, None)
            return self._failed(scope, setup_intent, method, attempt_id, details, error)
        made = generate(
            self._sales,
            scope,
            card,
            method_details.read(kind, card, place, Terms(authorization_code=answer.authorization_code)),
            customer=setup_intent["customer"],
            allow_redisplay=allow_redisplay,
            attempt=attempt_id,
        )
        done = self._succeeded(scope, setup_intent, method, attempt_id, _in_person(kind, made["id"]))
        return Verified(done.setup_intent, done.attempt, made, None)

    def ask_first(self, scope: Scope, card: Card) -> Said:
        """Ask the issuer whether a card is good and write nothing yet: the chip has the last word."""
        return self._asked(scope, networks.international(card, scope.account))

    def confirm(self, scope: Scope, setup_intent: Document, method: Document) -> Verified:
        """Verify a card that was typed in; approved, it is attached to the intent's customer."""
        card = self._sales.card_of(scope, method["id"])
        said = self._asked(scope, card)
        attempt_id, answer = said.reference, said.answer
        details = {"card": _typed(card, method), "type": "card"}
        if not answer.approved:
            return self._failed(scope, setup_intent, method, attempt_id, details, error_of(None, answer, method))
        attach(scope, method, setup_intent["customer"])
        return self._succeeded(scope, setup_intent, method, attempt_id, details)

    def _asked(self, scope: Scope, card: Card) -> Said:
        attempt_id = scope.new_id(ATTEMPT)
        currency = scope.account.default_currency
        if card.network == networks.NO_NETWORK:
            answer = networks.declined_here("card_not_supported", "Your card is not supported.")
        else:
            answer = self._sales.ask(scope, "verification", card, 0, currency, attempt_id)
        return Said(attempt_id, answer, 0, currency)

    def _succeeded(
        self, scope: Scope, setup_intent: Document, method: Document, attempt_id: str, details: Document
    ) -> Verified:
        attempt = _attempt(scope, setup_intent, method, attempt_id, details, "succeeded")
        after = setup_intent | {
            "last_setup_error": None,
            "latest_attempt": attempt_id,
            "next_action": None,
            "payment_method": method["id"],
            "status": "succeeded",
        }
        return Verified(scope.save(after, "setup_intent.succeeded"), attempt, None, None)

    def _failed(
        self,
        scope: Scope,
        setup_intent: Document,
        method: Document,
        attempt_id: str,
        details: Document,
        error: Document,
    ) -> Verified:
        attempt = _attempt(scope, setup_intent, method, attempt_id, details, "failed", error)
        after = setup_intent | {
            "last_setup_error": error,
            "latest_attempt": attempt_id,
            "next_action": None,
            "payment_method": None,
            "status": "requires_payment_method",
        }
        return Verified(scope.save(after, "setup_intent.setup_failed"), attempt, None, error)


def _attempt(
    scope: Scope,
    setup_intent: Document,
    method: Document,
    attempt_id: str,
    details: Document,
    status: str,
    error: Document | None = None,
) -> Document:
    attempt: Document = {
        "id": attempt_id,
        "object": ATTEMPT,
        "created": scope.now,
        "customer": setup_intent["customer"],
        "livemode": False,
        "on_behalf_of": setup_intent["on_behalf_of"],
        "payment_method": method["id"],
        "payment_method_details": details,
        "setup_error": error,
        "setup_intent": setup_intent["id"],
        "status": status,
        "usage": setup_intent["usage"],
    }
    return scope.save(complete(ATTEMPT, attempt))


def _in_person(kind: str, generated_card: str | None) -> Document:
    # Attempts have no member for Interac: such a card fails before there is anything to say about it.
    if kind != "card_present":
        return {"type": kind}
    offline = {"stored_at": None, "type": None}
    return {"card_present": {"generated_card": generated_card, "offline": offline}, "type": kind}


def _typed(card: Card, method: Document) -> Document:
    return {
        "brand": card.brand,
        "checks": method["card"]["checks"],
        "country": card.country,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
        "network": card.brand,
        "three_d_secure": None,
        "wallet": None,
    }
