"""Issuing: cardholders, cards and their parcels, authorizations, transactions, disputes, and the Issuing balance."""

from __future__ import annotations

from countertop.services.issuing import (
    authorization_objects,
    authorizations,
    bundles,
    captures,
    card_objects,
    card_shipping,
    cardholder_requirements,
    cardholders,
    cards,
    designs,
    dispute_objects,
    dispute_outcomes,
    disputes,
    ephemeral_keys,
    fraud_challenges,
    fuel,
    funding,
    increments,
    lapses,
    legacy_simulator,
    provisional_credits,
    reversals,
    settlements,
    token_objects,
    tokens,
    transaction_objects,
    transactions,
)
from countertop.services.issuing.room import Issuing
from countertop.services.rooms import Family

__all__ = ["Issuing", "family"]

OPERATING = (
    authorizations, bundles, captures, card_shipping, cardholders, cards, designs, dispute_outcomes, disputes,
    ephemeral_keys, fraud_challenges, fuel, funding, increments, lapses, legacy_simulator, provisional_credits,
    reversals, settlements, tokens, transactions,
)  # fmt: skip
TIMED = (card_shipping, cardholder_requirements, dispute_outcomes, fraud_challenges, lapses, settlements)
SHOWN = (authorization_objects, card_objects, dispute_objects, token_objects, transaction_objects)


def family(room: Issuing) -> Family:
    """The operations, timers and computed members of this family."""
    operations = {name: handler for module in OPERATING for name, handler in module.operations(room).items()}
    timers = {name: work for module in TIMED for name, work in module.timers(room).items()}
    return Family(operations, timers, {module.KIND: module.show for module in SHOWN})
