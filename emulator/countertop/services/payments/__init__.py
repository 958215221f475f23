"""Payments: PaymentIntents, Charges, Refunds, PaymentMethods and the balance transactions that they write."""

from __future__ import annotations

from countertop.services.payments import charges, expiry, intents, payment_methods, refunds
from countertop.services.payments.sales import Payments
from countertop.services.rooms import Family, Rooms

__all__ = ["Payments", "family"]


def family(rooms: Rooms, sales: Payments) -> Family:
    """The operations of this family."""
    return Family(
        operations={
            **intents.operations(sales),
            **charges.operations(sales),
            **refunds.operations(rooms.timers, sales),
            **payment_methods.operations(sales),
        },
        timers={
            expiry.AUTHORIZATION_EXPIRY: expiry.expirer(sales),
            refunds.REFUND_FAILURE: refunds.fail_later,
        },
    )
