"""POST …/refund_payment: give money back to the card that paid, in person (§2.7: Interac has no other way)."""

from __future__ import annotations

from countertop.api.scope import Call, Document, Handler
from countertop.services.payments.in_person_refunds import check_refundable_in_person
from countertop.services.payments.refunds import charge_of
from countertop.services.terminal import checks
from countertop.services.terminal.commands import Commands
from countertop.services.terminal.running import Task

SHOWN = ("amount", "charge", "metadata", "payment_intent", "refund_application_fee", "refund_payment_config",
         "reverse_transfer")  # fmt: skip


def refunder(commands: Commands) -> Handler:
    """POST /v1/terminal/readers/{reader}/refund_payment."""

    def refund(call: Call) -> Document:
        reader = checks.reader_of(call)
        commands.usable(call.tx, reader)
        checks.check_country(call, reader)
        charge = charge_of(call)
        amount = check_refundable_in_person(charge, call.params.get("amount"))
        details = {name: call.params[name] for name in SHOWN if name in call.params}
        config = call.params.get("refund_payment_config") or {}
        facts = {"charge": charge["id"], "amount": amount, "currency": charge["currency"]}
        start = {
            "amount": amount,
            "currency": charge["currency"],
            "customer_cancellation": bool(config.get("enable_customer_cancellation")),
        }
        return commands.start(call, reader, Task("refund_payment", details, facts, start))

    return refund
