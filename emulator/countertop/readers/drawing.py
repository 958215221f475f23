"""The screen of a device: always drawn from its state, never stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from countertop import money
from countertop.readers.battery import LOW_UP_TO, battery
from countertop.readers.buttons import offered
from countertop.readers.models import Sku
from countertop.readers.screen import Screen
from countertop.readers.state import DeviceState, Sale

# So many lines of a cart fit on the glass; the rest is told by its number.
MOST_LINES = 6
NOTICES = {
    "card_blocked": "Card blocked - use another card",
    "chip_unreadable": "Chip not read - try again",
    "custom_tip": "Type the tip",
    "insert_card": "Please insert the card",
    "insert_for_pin": "PIN required - insert the card",
    "no_application": "Card not supported - use another card",
    "one_card_only": "Present one card only",
    "present_again": "Present card again",
    "removed_too_early": "Card removed too early",
    "see_phone": "See phone for instructions",
    "swipe_again": "Stripe not read - swipe again",
    "swipe_instead": "Chip not read - swipe the card",
    "wrong_pin": "Wrong PIN",
}
TITLES = {"refund_payment": "Refund", "process_setup_intent": "Save card"}


def draw(state: DeviceState, sku: Sku, now_ms: int) -> Screen:
    """The screen of a device in this state."""
    screen = _DRAWERS[state.phase](state, sku)
    if state.phase == "off":
        return screen
    buttons = offered(state, sku)
    held = battery(state, sku, now_ms)
    return replace(
        screen,
        footer=screen.footer or ("" if state.connected else "No network connection"),
        buttons=tuple(buttons),
        captions=tuple(buttons.values()),
        battery=held.percent if held is not None and held.percent <= LOW_UP_TO else None,
    )


def _off(state: DeviceState, sku: Sku) -> Screen:
    return Screen("off", "")


def _booting(state: DeviceState, sku: Sku) -> Screen:
    return Screen(
        "wait",
        sku.model.title,
        ("Starting…",),
        footer=" / ".join(filter(None, (state.software or sku.firmware, sku.config))),
    )


def _updating(state: DeviceState, sku: Sku) -> Screen:
    return Screen("wait", "Updating", (f"Installing {state.installing}", "Do not switch off"))


def _pairing(state: DeviceState, sku: Sku) -> Screen:
    lines = ("Register this reader with", state.code or "")
    return Screen("pair", "Pairing code", lines, footer="" if not state.connected else state.serial)


def _idle(state: DeviceState, sku: Sku) -> Screen:
    if "busy" in state.faults:
        return Screen("none", "Settings", ("Admin menu is open",))
    # A picture, told in words: plain text can show no more of it.
    splash = "Welcome" if state.splashscreen is None else f"[{state.splashscreen}]"
    return Screen("none", state.name or sku.model.title, (splash,))


def _cart(state: DeviceState, sku: Sku) -> Screen:
    cart = _sale(state).cart
    assert cart is not None
    rows = [
        (f"{line.quantity} x {line.description}", money.show(line.amount, cart.currency))
        for line in cart.lines[:MOST_LINES]
    ]
    if len(cart.lines) > MOST_LINES:
        rows.append((f"and {len(cart.lines) - MOST_LINES} more", ""))
    if cart.tax is not None:
        rows.append(("Tax", money.show(cart.tax, cart.currency)))
    total = money.show(cart.total, cart.currency)
    return Screen("cart", "Your order", items=(*rows, ("Total", total)), amount=total)


BLANKS = {
    "signature": "Sign here: ___________________",
    "email": "name@example.com",
    "phone": "Phone number",
    "numeric": "_ _ _ _",
    "text": "____________________",
}
"""What stands where something is to be entered."""


def _form(state: DeviceState, sku: Sku) -> Screen:
    form = _sale(state).form
    assert form is not None
    field = form.field
    entry = form.value
    if field.kind == "signature" and entry is not None:
        entry = "signed"
    lines = (field.description,) if field.description else ()
    if entry is None and field.kind in BLANKS:
        lines = (*lines, BLANKS[field.kind])
    return Screen("form", field.title, lines, entry=entry)


def _thanks(state: DeviceState, sku: Sku) -> Screen:
    return Screen("thanks", "Thank you")


def _tipping(state: DeviceState, sku: Sku) -> Screen:
    sale = _sale(state)
    assert sale.offer is not None
    lines = (*_notice(state), f"Tip on {money.show(sale.offer.eligible, sale.currency)}")
    return Screen("tip", "Add a tip?", lines, amount=_amount(sale))


def _waiting(state: DeviceState, sku: Sku) -> Screen:
    sale = _sale(state)
    ways = sku.model.input.interfaces
    if sale.insert_only or state.notice == "insert_card":
        ask = "Insert card"
    elif state.notice == "swipe_instead":
        ask = "Swipe card"
    else:
        ask = " or ".join((", ".join(ways[:-1]), ways[-1]) if len(ways) > 1 else ways).capitalize() + " card"
    purpose = ("Your card will be saved",) if sale.type == "process_setup_intent" else ()
    lines = (*_notice(state), *purpose, ask)
    return Screen("insert" if sale.insert_only else "card", TITLES.get(sale.type, "Total"), lines, amount=_amount(sale))


def _reading(state: DeviceState, sku: Sku) -> Screen:
    lines = ("Do not remove card",) if state.card_in_slot else ("Reading card",)
    return Screen("wait", "Reading", lines, amount=_amount(_sale(state)))


def _application(state: DeviceState, sku: Sku) -> Screen:
    return Screen("choose", "Choose how to pay", _notice(state), amount=_amount(_sale(state)))


def _pin(state: DeviceState, sku: Sku) -> Screen:
    sale = _sale(state)
    lines = _notice(state)
    if sale.pin_tries_left == 1 and sale.pin_wanted == "offline_pin":
        lines = (*lines, "Last try")
    return Screen("pin", "Enter PIN", lines, amount=_amount(sale), pin_dots=sale.pin_digits)


def _collected(state: DeviceState, sku: Sku) -> Screen:
    lines = ("Do not remove card",) if state.card_in_slot else ()
    return Screen("wait", "One moment", lines, amount=_amount(_sale(state)))


def _authorizing(state: DeviceState, sku: Sku) -> Screen:
    lines = ("Do not remove card",) if state.card_in_slot else ()
    return Screen("wait", "Processing", lines, amount=_amount(_sale(state)))


def _result(state: DeviceState, sku: Sku) -> Screen:
    sale = _sale(state)
    lines = (state.message,) if state.message else ()
    footer = "Please remove your card" if state.card_in_slot else ""
    if state.approved:
        return Screen("approved", "Approved", lines, footer=footer, amount=_amount(sale))
    return Screen("declined", "Declined", lines, footer=footer, amount=_amount(sale))


def _remove_card(state: DeviceState, sku: Sku) -> Screen:
    return Screen("remove", "Remove card", _notice(state))


def _broken(state: DeviceState, sku: Sku) -> Screen:
    title = "Tampered" if "tamper" in state.faults else "Hardware fault"
    return Screen(
        "fault",
        title,
        ("This reader cannot take payments.",),
        footer=f"Contact support: {state.serial}",
    )


_DRAWERS: dict[str, Callable[[DeviceState, Sku], Screen]] = {
    "off": _off,
    "booting": _booting,
    "updating": _updating,
    "pairing": _pairing,
    "idle": _idle,
    "cart": _cart,
    "form": _form,
    "thanks": _thanks,
    "tipping": _tipping,
    "waiting": _waiting,
    "reading": _reading,
    "application": _application,
    "pin": _pin,
    "collected": _collected,
    "authorizing": _authorizing,
    "result": _result,
    "remove_card": _remove_card,
    "broken": _broken,
}


def _sale(state: DeviceState) -> Sale:
    assert state.sale is not None, f"a reader that is {state.phase} has a sale"
    return state.sale


def _amount(sale: Sale) -> str | None:
    return None if sale.type == "process_setup_intent" else money.show(sale.total, sale.currency)


def _notice(state: DeviceState) -> tuple[str, ...]:
    return (NOTICES[state.notice],) if state.notice is not None else ()
