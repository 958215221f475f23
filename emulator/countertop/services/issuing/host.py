"""The issuer host of cards that were issued by API: it finds the account behind a number, checks the chip, and decides.

What happens at a reader becomes an authorization of the issuing account; captures, refunds and reversals follow it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from countertop.api.scope import Document, Scope
from countertop.cards.issued import DEVICE_NUMBERS, NUMBERS
from countertop.emv.tlv import objects_of
from countertop.network.messages import Awaited, IssuerRequest, IssuerResponse
from countertop.services.issuing import (
    captures,
    card_secrets,
    cards,
    deciding,
    replacements,
    reversals,
    tokens,
    transactions,
)
from countertop.services.issuing.asked import Asked
from countertop.services.issuing.genuine import Genuine
from countertop.services.issuing.merchants import merchant_data, network_data
from countertop.services.issuing.rates import convert
from countertop.services.issuing.real_time import Verdict

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

USES = "_issued_use"
"""Rows ``{id: the asker's reference, account, authorization}``: which authorization a charge is."""
METHODS: Mapping[str | None, str] = MappingProxyType(
    {
        "contact_emv": "chip",
        "contactless_emv": "contactless",
        "contactless_magstripe_mode": "contactless",
        "magnetic_stripe_fallback": "swipe",
        "magnetic_stripe_track2": "swipe",
        None: "online",
    }
)
# Why an authorization was declined → ISO 8583 response code, and the decline code that the merchant sees (assumed).
REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "account_disabled": ("57", "transaction_not_allowed"),
        "card_canceled": ("62", "restricted_card"),
        "card_expired": ("54", "expired_card"),
        "card_inactive": ("62", "restricted_card"),
        "cardholder_blocked": ("62", "restricted_card"),
        "cardholder_inactive": ("62", "restricted_card"),
        "cardholder_verification_required": ("62", "restricted_card"),
        "insufficient_funds": ("51", "insufficient_funds"),
        "not_allowed": ("57", "transaction_not_allowed"),
        "pin_blocked": ("75", "pin_try_exceeded"),
        "suspected_fraud": ("59", "fraudulent"),
        "verification_failed": ("82", "generic_decline"),
    }
)
OTHERWISE = ("05", "do_not_honor")
MESSAGES = {
    "expired_card": "Your card has expired.",
    "insufficient_funds": "Your card has insufficient funds.",
    "pin_try_exceeded": "The PIN was entered incorrectly too many times.",
}
DECLINED = "Your card was declined."
APPROVED = IssuerResponse(True, "00")
UNKNOWN_CARD = IssuerResponse(
    False, "14", code="card_declined", decline_code="invalid_account", message="Your card's issuer does not know it."
)
CANNOT_WAIT = Verdict("error", why="Whoever asked could not wait: only readers and test helpers do.")
SEQUENCE_NUMBER = 0x5F34


class IssuedCardHost:
    """Answers for every card that an account of this world issued."""

    name = "issuing"
    prefixes: tuple[str, ...] = (NUMBERS, DEVICE_NUMBERS)

    def __init__(self, room: Issuing) -> None:
        self._room = room

    def decide(self, tx: Any, request: IssuerRequest) -> IssuerResponse:
        """Answer one request, inside the transaction of whoever asks."""
        if request.kind in ("authorization", "verification"):
            return self._authorize(tx, request)
        found = self._use(tx, request.reference)
        if request.kind == "advice":
            # Of a decision that was made in this host's stead, or of scripts, which are not sent from here.
            return APPROVED if found is not None else self._stood_in(tx, request)
        if found is None:
            return APPROVED if request.kind != "refund" else UNKNOWN_CARD
        scope, authorization = found
        amount = self._converted(scope, request, authorization["currency"])
        match request.kind:
            case "capture" if authorization["status"] in captures.CAPTURABLE:
                captures.capture(self._room, scope, authorization, amount, merchant_amount=request.amount)
            case "reversal" if authorization["status"] == "pending":
                reversals.reverse(self._room, scope, authorization, None)
            case "refund":
                self._refund(scope, authorization, request, amount)
            case "incremental" if authorization["status"] == "pending":
                return self._increment(scope, authorization, request, amount)
        return APPROVED

    # --- authorizations -------------------------------------------------------------------------------------------

    def _authorize(self, tx: Any, request: IssuerRequest) -> IssuerResponse:
        found = self._card(tx, request)
        if found is None:
            return UNKNOWN_CARD
        scope, card, token = found
        genuine = Genuine(self._room.vault, tx, request, card_secrets.pin(self._room, tx, card["id"]))
        begun = deciding.begin(self._room, scope, self._asked(scope, card, token, request, genuine.refusal))
        name = begun.authorization["id"]
        row = {"id": request.reference, "account": scope.account.id, "authorization": name}
        tx.put("", USES, row, created=scope.now)
        question = begun.question
        if question is None:
            return genuine.answer(_said(begun.authorization))
        if not request.can_wait:
            return genuine.answer(_said(deciding.settle(self._room, scope, name, CANNOT_WAIT)))
        account = scope.account.id

        def then(later: Any, verdict: Verdict) -> IssuerResponse:
            settled = deciding.settle(self._room, self._room.scope(later, account), name, verdict)
            return genuine.answer(_said(settled))

        return IssuerResponse(False, "", awaited=Awaited(question.ask, then))

    def _asked(
        self, scope: Scope, card: Document, token: Document | None, request: IssuerRequest, refusal: str | None
    ) -> Asked:
        """A request of the network in Issuing's words."""
        return Asked(
            card=card["id"],
            amount=self._converted(scope, request, card["currency"]),
            currency=card["currency"],
            merchant_amount=request.amount,
            merchant_currency=request.currency,
            merchant_data=merchant_data(request),
            network_data=network_data(request),
            method=METHODS[request.read_method],
            wallet=token["wallet_provider"] if token is not None else None,
            token=token["id"] if token is not None else None,
            refusal=refusal,
        )

    def _refund(self, scope: Scope, authorization: Document, request: IssuerRequest, amount: int) -> None:
        """Give back what was captured; of several captures the first that has enough left."""
        taken = [scope.fetch(transactions.KIND, name) for name in authorization["transactions"]]
        for transaction in taken:
            left = transactions.refundable(scope, transaction) if transaction["type"] == "capture" else 0
            if left >= amount > 0:
                transactions.refund(self._room, scope, transaction, amount, merchant_amount=request.amount)
                return

    def _increment(self, scope: Scope, authorization: Document, request: IssuerRequest, total: int) -> IssuerResponse:
        more = request.amount - authorization["merchant_amount"]
        begun = deciding.begin_increment(
            self._room, scope, authorization, total - authorization["amount"], merchant_amount=more
        )
        settled = begun.authorization
        if begun.question is not None:
            settled = deciding.settle_increment(self._room, scope, settled["id"], CANNOT_WAIT)
        return _said(settled)

    def _stood_in(self, tx: Any, request: IssuerRequest) -> IssuerResponse:
        """The network approved while this host was down: it is so, and the books follow."""
        found = self._card(tx, request)
        if found is None:
            return UNKNOWN_CARD
        scope, card, token = found
        made = deciding.stood_in(self._room, scope, self._asked(scope, card, token, request, None))
        row = {"id": request.reference, "account": scope.account.id, "authorization": made["id"]}
        tx.put("", USES, row, created=scope.now)
        return APPROVED

    # --- finding ----------------------------------------------------------------------------------------------------

    def _card(self, tx: Any, request: IssuerRequest) -> tuple[Scope, Document, Document | None] | None:
        """Scope of the issuing account, the card, and the token when it was a phone."""
        found = card_secrets.find(tx, request.card_token)
        if not found:
            return None
        account, name = found[0]
        scope = self._room.scope(tx, account)
        if name.startswith("intok_"):
            token = tokens.fetch(scope, name)
            return scope, cards.fetch(scope, token["card"]), token
        of_number = [cards.fetch(scope, name) for owner, name in found if owner == account]
        sequence = _sequence(request)
        meant = (card for card in of_number if 1 + replacements.ancestors(scope, card) == sequence)
        return scope, next(meant, of_number[0]), None

    def _use(self, tx: Any, reference: str) -> tuple[Scope, Document] | None:
        row = tx.get("", USES, reference)
        if row is None:
            return None
        scope = self._room.scope(tx, row["account"])
        return scope, scope.fetch("issuing.authorization", row["authorization"])

    def _converted(self, scope: Scope, request: IssuerRequest, currency: str) -> int:
        return convert(request.amount, request.currency, currency, self._room.settings(scope).rates)


def _said(authorization: Document) -> IssuerResponse:
    """What the network hears of a decision."""
    last = authorization["request_history"][-1]
    if last["approved"]:
        return IssuerResponse(True, "00", authorization_code=(last["authorization_code"] or "")[-6:])
    response_code, decline_code = REASONS.get(last["reason"], OTHERWISE)
    code = "expired_card" if decline_code == "expired_card" else "card_declined"
    return IssuerResponse(
        False, response_code, code=code, decline_code=decline_code, message=MESSAGES.get(decline_code, DECLINED)
    )


def _sequence(request: IssuerRequest) -> int:
    """Which of several cards of one number a chip is (PAN sequence number); zero for what tells none."""
    try:
        return int(objects_of(request.emv).get(SEQUENCE_NUMBER, b"").hex() or "0")
    except ValueError:
        return 0
