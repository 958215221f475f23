"""Payments: PaymentIntents, SetupIntents, Charges, Refunds, PaymentMethods, and what they do to the balance."""

from __future__ import annotations

from countertop.services.payments import (
    balance,
    balance_transactions,
    charges,
    expiry,
    intents,
    ledger,
    payment_methods,
    refunds,
    setup_intents,
)
from countertop.services.payments.payment_methods import method_finder
from countertop.services.payments.sales import Payments
from countertop.services.payments.setups import Setups
from countertop.services.rooms import Family

__all__ = ["Payments", "Setups", "family", "method_finder"]


def family(sales: Payments) -> Family:
    """The operations of this family."""
    return Family(
        operations={
            **balance.operations(),
            **balance_transactions.operations(),
            **intents.operations(sales),
            **charges.operations(sales),
            **refunds.operations(sales),
            **payment_methods.operations(sales),
            **setup_intents.operations(sales),
        },
        timers={
            balance.SETTLEMENT: balance.settle,
            expiry.AUTHORIZATION_EXPIRY: expiry.expirer(sales),
            refunds.REFUND_FAILURE: refunds.failer(sales),
        },
        finishers={ledger.KIND: ledger.as_of_now},
    )
