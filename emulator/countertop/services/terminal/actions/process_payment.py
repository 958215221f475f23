"""POST …/process_payment_intent: the reader shows the amount, takes a card, and the payment is done (§2.6)."""

from __future__ import annotations

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler, Scope
from countertop.gateway import ActionType, DeviceInfo
from countertop.services.payments.networks import choice_networks, domestic_networks
from countertop.services.terminal import checks
from countertop.services.terminal.commands import Commands
from countertop.services.terminal.running import Task
from countertop.services.terminal.tipping import offer_for


def processor(commands: Commands) -> Handler:
    """POST /v1/terminal/readers/{reader}/process_payment_intent."""
    return card_taker(commands, "process_payment_intent", "process_config")


def card_taker(commands: Commands, kind: ActionType, name: str) -> Handler:
    """What takes a card for a PaymentIntent: the action ``kind``, whose settings are the parameter ``name``."""

    def take(call: Call) -> Document:
        reader = checks.reader_of(call)
        device = commands.usable(call.tx, reader)
        config = call.params.get(name) or {}
        return commands.start(
            call, reader, card_task(call, reader, device, kind, call.params["payment_intent"], config, name)
        )

    return take


def card_task(
    scope: Scope,
    reader: Document,
    device: DeviceInfo,
    kind: ActionType,
    intent_id: str,
    config: Document,
    name: str,
) -> Task:
    """The task of taking a card for a PaymentIntent, to process it or to collect it.

    ``config`` is the parameter called ``name``.  Raises ApiError 400 for an intent, a place or a setting that does not
    allow it.
    """
    intent = scope.fetch("payment_intent", intent_id, param="payment_intent")
    checks.check_intent(intent)
    checks.check_country(scope, reader)
    checks.check_currency(scope, intent["currency"])
    tip = offer_for(scope, reader, device, intent, config, name)
    _check_consent(intent, config, name)
    # Consent to show the card again is no part of what the action shows (§1.4).
    shown = {key: value for key, value in config.items() if key != "allow_redisplay"}
    details: Document = {"payment_intent": intent["id"]}
    if shown:
        details[name] = shown
    facts = {
        "intent": intent["id"],
        "amount": intent["amount"],
        "currency": intent["currency"],
        "allow_redisplay": config.get("allow_redisplay", "unspecified"),
        "skips_tip": bool(config.get("skip_tipping")) or (config.get("tipping") or {}).get("amount_eligible") == 0,
        "unsupported_networks": list(device.unsupported_networks),
    }
    start = {
        "amount": intent["amount"],
        "currency": intent["currency"],
        "customer_cancellation": bool(config.get("enable_customer_cancellation")),
        "tip": tip,
        "choice_networks": choice_networks(intent, scope.account),
        "domestic_networks": domestic_networks(intent, scope.account),
    }
    return Task(kind, details, facts, start)


def _check_consent(intent: Document, config: Document, name: str) -> None:
    if intent.get("setup_future_usage") and config.get("allow_redisplay") not in ("always", "limited"):
        raise invalid(
            "The PaymentIntent has setup_future_usage: the customer's consent is required. Set allow_redisplay to "
            "always or limited.",
            param=f"{name}[allow_redisplay]",
        )
