"""Which network an in-person card runs on, and as which kind of payment method (terminal.md §2.7, §5.1, §5.4).

A co-branded card has a domestic network beside its international brand.  Who decides between them differs by country:
the capture method (eftpos), the merchant's ``routing.requested_priority``, or the cardholder on the reader's screen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from countertop.network.messages import IssuerResponse
from countertop.services.payments.cards import Card, Document

if TYPE_CHECKING:
    from countertop.accounts import Account

Kind = Literal["card", "card_present", "interac_present"]
Mode = Literal["automatic", "manual", "manual_preferred"]
HOME = {"cartes_bancaires": "FR", "eftpos_au": "AU", "girocard": "DE", "interac": "CA"}
"""Domestic networks and the country in which each works."""
SINGLE_MESSAGE = ("eftpos_au", "interac")
"""Networks that authorize and capture in one message: nothing can be held on them."""
NO_NETWORK = "none"
"""The ``network`` of a card that nothing here takes."""
# Where a brand beyond Visa and Mastercard is taken in person (terminal.md §5.1); a brand that is not here is taken.
_WITH_DISCOVER = frozenset("US CA GB IE FR DE NL AT BE ES FI IT LU PT DK SE NO CH CZ PL JP".split())
TAKEN_IN = {
    "discover": _WITH_DISCOVER,
    "diners": _WITH_DISCOVER - {"JP"},
    "jcb": frozenset(("US", "CA", "AU", "NZ", "JP")),
    "unionpay": frozenset(("US", "CA")),
}
# Lines of business that eftpos excludes.
NOT_FOR_EFTPOS = frozenset(("4829", "6010", "6012", "6051", "6530", "6540", "7297"))
NOT_TAKEN_IN = {"amex": frozenset(("MY",))}


@dataclass(frozen=True, slots=True)
class Road:
    """How a card is charged: the ``kind`` of method it runs as, and the ``card`` with its ``network`` set.

    ``problem``: why the intent cannot take it at all (``code``, ``message``, ``type``), or None.
    """

    kind: Kind
    card: Card
    problem: Document | None = None

    @property
    def network(self) -> str | None:
        """The network that the card runs on."""
        return self.card.network


def road_of(intent: Document, card: Card, account: Account, unsupported: tuple[str, ...] = ()) -> Road:
    """The road of a card that a reader read (or that was keyed in there) for an intent.

    ``unsupported``: domestic networks that the device knows nothing of.  A card that nothing takes is no problem of
    the intent: its ``network`` is NO_NETWORK, and its authorization is declined.
    """
    types = intent["payment_method_types"]
    if card.read_method is None:
        return Road("card", card, None if "card" in types else incompatible(types))
    usable = [name for name in card.networks if name not in unsupported and _works(name, intent, account)]
    if not usable:
        kind: Kind = "interac_present" if "interac" in card.networks else "card_present"
        return Road(kind, replace(card, network=NO_NETWORK), None if kind in types else incompatible(types))
    network = _pick(usable, intent, card)
    kind = "interac_present" if network == "interac" else "card_present"
    return Road(kind, replace(card, network=network), None if kind in types else incompatible(types))


def international(card: Card, account: Account) -> Card:
    """The card on its international brand, as SetupIntents always use it."""
    found = (name for name in card.networks if name not in HOME and taken(name, account.country))
    return replace(card, network=next(found, NO_NETWORK))


def choice_networks(intent: Document, account: Account) -> tuple[str, ...]:
    """The domestic networks for which a card in the slot lets its holder choose.

    In Australia the merchant's requested priority leaves no choice, elsewhere it only says what comes first.
    """
    if account.country == "AU":
        free = capture_mode(intent, "card_present") != "manual" and _priority(intent) is None
        return ("eftpos_au",) if free else ()
    return tuple(name for name in ("cartes_bancaires", "girocard") if HOME[name] == account.country)


def domestic_networks(intent: Document, account: Account) -> tuple[str, ...]:
    """The domestic networks that win over an international one on a chip when its holder is not asked."""
    return tuple(name for name in HOME if _works(name, intent, account) and _prefers_domestic(name, intent))


def capture_mode(intent: Document, kind: str) -> Mode:
    """How an intent captures a kind of method: its own way, or that of the kind's options.

    ``interac_present`` has no options of its own: those of ``card_present`` count.
    """
    options = intent.get("payment_method_options") or {}
    chosen = (options.get("card_present" if kind == "interac_present" else kind) or {}).get("capture_method")
    if chosen == "manual_preferred":
        return "manual_preferred"
    return "manual" if "manual" in (chosen, intent["capture_method"]) else "automatic"


def is_held(intent: Document, kind: str, network: str | None) -> bool:
    """Whether an approval is held for a later capture."""
    return network not in SINGLE_MESSAGE and capture_mode(intent, kind) != "automatic"


def refusal(intent: Document, card: Card, kind: str) -> IssuerResponse | None:
    """The decline of a card that never gets as far as its issuer, or None."""
    if card.network == NO_NETWORK:
        return declined_here("card_not_supported", "Your card is not supported.")
    if card.network in SINGLE_MESSAGE and capture_mode(intent, kind) == "manual":
        return declined_here("generic_decline", "Your card was declined.")
    return None


def declined_here(decline_code: str, message: str, code: str = "card_declined") -> IssuerResponse:
    """A decline of the platform's own: field 39 is 57, not permitted to the terminal."""
    return IssuerResponse(False, "57", code=code, decline_code=decline_code, message=message, sent=False)


def incompatible(types: list[str]) -> Document:
    """The problem of a card whose kind an intent does not take."""
    return {
        "code": "payment_intent_incompatible_payment_method",
        "message": f"The card presented is not of a type that the PaymentIntent takes: {', '.join(types)}.",
        "type": "invalid_request_error",
    }


def taken(brand: str, country: str) -> bool:
    """Whether a brand is taken in person in a country."""
    where = TAKEN_IN.get(brand)
    return (where is None or country in where) and country not in NOT_TAKEN_IN.get(brand, ())


def _works(network: str, intent: Document, account: Account) -> bool:
    if network not in HOME:
        return taken(network, account.country)
    if HOME[network] != account.country or (network == "eftpos_au" and account.mcc in NOT_FOR_EFTPOS):
        return False
    return network != "interac" or ("interac_present" in intent["payment_method_types"] and intent["currency"] == "cad")


def _pick(usable: list[str], intent: Document, card: Card) -> str:
    domestic = next((name for name in usable if name in HOME), None)
    other = next((name for name in usable if name not in HOME), None)
    if domestic is None or other is None:
        return usable[0]
    if card.network in usable:
        return card.network  # what the cardholder chose
    return domestic if _prefers_domestic(domestic, intent) else other


def _prefers_domestic(domestic: str, intent: Document) -> bool:
    priority = _priority(intent)
    if priority is not None:
        return priority == "domestic"
    return domestic != "eftpos_au" or capture_mode(intent, "card_present") == "automatic"


def _priority(intent: Document) -> str | None:
    options = (intent.get("payment_method_options") or {}).get("card_present") or {}
    priority: str | None = (options.get("routing") or {}).get("requested_priority")
    return priority
