"""Payments: PaymentIntents, SetupIntents, Charges, Refunds, PaymentMethods, and what they do to the balance."""

from __future__ import annotations

from countertop.services.payments import charges, expiry, intents, payment_methods, refunds, setup_intents
from countertop.services.payments.sales import Payments
from countertop.services.payments.setups import Setups
from countertop.services.rooms import Family, Rooms

__all__ = ["Payments", "Setups", "family"]


def family(rooms: Rooms, sales: Payments) -> Family:
    """The operations of this family."""
    return Family(
        operations={
            **intents.operations(sales),
            **charges.operations(sales),
            **refunds.operations(rooms.timers, sales),
            **payment_methods.operations(sales),
            **setup_intents.operations(sales),
        },
        timers={
            expiry.AUTHORIZATION_EXPIRY: expiry.expirer(sales),
            refunds.REFUND_FAILURE: refunds.fail_later,
        },
    )
