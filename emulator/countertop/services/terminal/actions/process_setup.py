"""POST …/process_setup_intent: the reader takes a card that is to be charged later (§2.6, Saved cards)."""

from __future__ import annotations

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler
from countertop.services.terminal import checks
from countertop.services.terminal.commands import Commands
from countertop.services.terminal.running import Task

READY = ("requires_payment_method", "requires_confirmation")


def processor(commands: Commands) -> Handler:
    """POST /v1/terminal/readers/{reader}/process_setup_intent."""

    def process(call: Call) -> Document:
        reader = checks.reader_of(call)
        device = commands.usable(call.tx, reader)
        setup = call.fetch("setup_intent", call.params["setup_intent"], param="setup_intent")
        _check(setup)
        checks.check_country(call, reader)
        config = call.params.get("process_config") or {}
        details: Document = {"setup_intent": setup["id"]}
        if config:
            details["process_config"] = dict(config)
        facts = {
            "setup": setup["id"],
            "allow_redisplay": call.params["allow_redisplay"],
            "unsupported_networks": list(device.unsupported_networks),
        }
        start = {"customer_cancellation": bool(config.get("enable_customer_cancellation"))}
        return commands.start(call, reader, Task("process_setup_intent", details, facts, start))

    return process


def _check(setup: Document) -> None:
    if setup["status"] not in READY:
        raise invalid(
            f"This SetupIntent has status {setup['status']}: it must be in requires_payment_method to be processed by "
            "a reader.",
            code="intent_invalid_state",
            param="setup_intent",
        )
    if "card_present" not in setup["payment_method_types"]:
        raise invalid(
            "The SetupIntent must have card_present in its payment_method_types to be processed by a reader.",
            param="setup_intent",
        )
