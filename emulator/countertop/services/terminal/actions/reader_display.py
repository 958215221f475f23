"""POST …/set_reader_display: a cart on the reader's screen, until something else is shown (§1.4)."""

from __future__ import annotations

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler
from countertop.gateway import Cart, CartLine
from countertop.services.payments.amounts import LARGEST, check_currency
from countertop.services.terminal import checks
from countertop.services.terminal.commands import Commands
from countertop.services.terminal.running import Task

LARGEST_QUANTITY = 999_999
LONGEST_DESCRIPTION = 5_000


def shower(commands: Commands) -> Handler:
    """POST /v1/terminal/readers/{reader}/set_reader_display."""

    def show(call: Call) -> Document:
        reader = checks.reader_of(call)
        commands.usable(call.tx, reader)
        return commands.start(call, reader, display_task(call.params))

    return show


def display_task(params: Document) -> Task:
    """The task of showing a cart.  Raises ApiError 400 for one that no screen can show."""
    cart = params.get("cart")
    if cart is None:
        raise invalid("Missing required param: cart.", code="parameter_missing", param="cart")
    currency = check_currency(cart["currency"])
    for name in ("tax", "total"):
        _check(cart.get(name), -LARGEST, LARGEST, f"cart[{name}]")
    for position, line in enumerate(cart["line_items"]):
        _check(line["amount"], -LARGEST, LARGEST, f"cart[line_items][{position}][amount]")
        _check(line["quantity"], 1, LARGEST_QUANTITY, f"cart[line_items][{position}][quantity]")
        if len(line["description"]) > LONGEST_DESCRIPTION:
            raise invalid(
                f"A description has at most {LONGEST_DESCRIPTION} characters.",
                code="parameter_invalid_string_blank",
                param=f"cart[line_items][{position}][description]",
            )
    lines = [{name: line[name] for name in ("amount", "description", "quantity")} for line in cart["line_items"]]
    details = {
        "cart": {"currency": currency, "line_items": lines, "tax": cart.get("tax"), "total": cart["total"]},
        "type": params["type"],
    }
    shown = Cart(
        currency,
        tuple(CartLine(line["description"], line["quantity"], line["amount"]) for line in lines),
        cart["total"],
        cart.get("tax"),
    )
    return Task("set_reader_display", details, {}, {"cart": shown})


def _check(value: int | None, least: int, most: int, param: str) -> None:
    if value is not None and not least <= value <= most:
        raise invalid(f"This value must be between {least} and {most}.", code="parameter_invalid_integer", param=param)
