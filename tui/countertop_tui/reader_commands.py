"""What can be done with a reader from the screens: a key, words, the calls, and the command that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.screen import ModalScreen

from countertop.client import ServerClient
from countertop.errors import ConfigurationError
from countertop_tui.desk import Desk
from countertop_tui.dialogs import Ask, Choose, Offer
from countertop_tui.pin_pad import PinPad
from countertop_tui.rows import Row

Act = Callable[[ServerClient, Row, str], Any]
Question = Callable[[Desk, Row], ModalScreen[str | None]]
Words = Callable[[Row, str], tuple[str, ...]]
NEW_PLACE = "new:"
# An address that every country takes; a place with one of its own is made by API.
ADDRESS = {"line1": "1 Main Street", "city": "Town", "state": "State", "postal_code": "1000"}
SAMPLE_VERSION = "2.43.1.0"


def always(row: Row) -> bool:
    """It works on any reader."""
    return True


@dataclass(frozen=True, slots=True)
class ReaderCommand:
    """One thing to do.

    ``act`` does it with what was typed (empty when nothing was ``ask``ed).  ``words``: what stands behind ``countertop
    reader``; None for what only the API can do.  ``works``: whether it makes sense now.  ``warns``: what is asked
    first, because it cannot be undone.  ``footer``: it is worth a place there.
    """

    name: str
    key: str
    title: str
    act: Act
    words: Words | None = None
    ask: Question | None = None
    works: Callable[[Row], bool] = always
    warns: str = ""
    footer: bool = False

    def written(self, row: Row, typed: str, url: str) -> str:
        """The command line that does the same; empty when there is none."""
        if self.words is None:
            return ""
        return shlex.join(["countertop", "reader", *self.words(row, typed), row.name, "--url", url])


def _takes(way: str) -> Callable[[Row], bool]:
    return lambda row: way in row.view["signals"]["armed"]


def _asks_for(*prompts: str) -> Callable[[Row], bool]:
    return lambda row: row.prompt in prompts


def _hold(way: str) -> Act:
    return lambda client, row, card: client.present(row.serial, way, card)


def _line(question: str, usual: str = "") -> Question:
    return lambda desk, row: Ask(f"{row.label or row.serial}: {question}", usual)


def _pin(desk: Desk, row: Row) -> ModalScreen[str | None]:
    return PinPad(f"PIN at {row.label or row.serial}")


def _button(desk: Desk, row: Row) -> ModalScreen[str | None]:
    screen = row.view["screen"]
    offers = [Offer(name, caption) for name, caption in zip(screen["buttons"], screen["captions"], strict=False)]
    return Choose(f"Button of {row.label or row.serial}", offers)


def _fault(desk: Desk, row: Row) -> ModalScreen[str | None]:
    has = row.view["faults"]
    offers = [Offer(kind["name"], f"{kind['name']}: {kind['says']}", kind["name"] in has) for kind in desk.kinds.faults]
    return Choose(f"Faults of {row.label or row.serial}: choose one to switch it on or off", offers)


def _flip(client: ServerClient, row: Row, name: str) -> Any:
    return client.reader_fault(row.serial, name, name not in row.view["faults"])


def _flipped(row: Row, name: str) -> tuple[str, ...]:
    return ("fault", name) if name not in row.view["faults"] else ("fault", "--off", name)


def _place(desk: Desk, row: Row) -> ModalScreen[str | None]:
    offers = [Offer(place, name) for place, name in desk.rows.places.items()]
    return Choose(f"Where does {row.serial} stand?", [*offers, Offer(NEW_PLACE, "at a new location, Counter")])


def _register(client: ServerClient, row: Row, place: str) -> Any:
    if place == NEW_PLACE:
        country = client.account(client.key)["country"] if _known(client) else "US"
        params = {"display_name": "Counter", "address": {**ADDRESS, "country": country}}
        place = client.call("POST", "/v1/terminal/locations", params)["id"]
    params = {"registration_code": row.view["pairing_code"], "location": place, "label": f"Reader {row.serial[-4:]}"}
    client.call("POST", "/v1/terminal/readers", params)
    return client.reader(row.serial)


def _known(client: ServerClient) -> bool:
    return any(account["key"] == client.key for account in client.accounts())


def _sell(client: ServerClient, row: Row, typed: str) -> Any:
    account = client.account(row.account)
    amount, _, currency = typed.partition(" ")
    if not (amount.isascii() and amount.isdigit()):
        raise ConfigurationError(f"{typed!r} is no amount.", "Type cents and a currency, such as: 1250 gbp")
    kinds = ["card_present", "interac_present"] if account["country"] == "CA" else ["card_present"]
    params = {
        "amount": int(amount),
        "currency": currency.strip() or account["default_currency"],
        "payment_method_types": kinds,
    }
    intent = client.call("POST", "/v1/payment_intents", params, key=row.account)
    path = f"/v1/terminal/readers/{row.name}/process_payment_intent"
    client.call("POST", path, {"payment_intent": intent["id"]}, key=row.account)
    return client.reader(row.serial)


def _cancel(client: ServerClient, row: Row, typed: str) -> Any:
    client.call("POST", f"/v1/terminal/readers/{row.name}/cancel_action", key=row.account)
    return client.reader(row.serial)


def _rename(client: ServerClient, row: Row, label: str) -> Any:
    client.call("POST", f"/v1/terminal/readers/{row.name}", {"label": label}, key=row.account)
    return client.reader(row.serial)


def _delete(client: ServerClient, row: Row, typed: str) -> None:
    client.call("DELETE", f"/v1/terminal/readers/{row.name}", key=row.account)


def _rest(row: Row) -> bool:
    action = row.view["action"]
    return row.account != "" and (action is None or action["status"] != "in_progress")


def _busy(row: Row) -> bool:
    action = row.view["action"]
    return action is not None and action["status"] == "in_progress"


def _tip(client: ServerClient, row: Row, typed: str) -> Any:
    if not (typed.isascii() and typed.isdigit()):
        raise ConfigurationError(f"{typed!r} is no amount.", "Type cents; 0 gives none.")
    return client.choose_tip(row.serial, int(typed))


def _charge(client: ServerClient, row: Row, typed: str) -> Any:
    battery = row.view["battery"]
    return client.set_power(row.serial, not (battery or {}).get("charging", True))


def _charged(row: Row, typed: str) -> tuple[str, ...]:
    return ("unplug",) if (row.view["battery"] or {}).get("charging", True) else ("plug",)


COMMANDS: tuple[ReaderCommand, ...] = (
    ReaderCommand("tap", "t", "Tap", _hold("tap"), lambda r, x: ("tap", x), works=_takes("tap"), footer=True),
    ReaderCommand(
        "insert",
        "i",
        "Insert",
        _hold("insert"),
        lambda r, x: ("insert", x),
        works=_takes("insert"),
        footer=True,
    ),
    ReaderCommand("swipe", "w", "Swipe", _hold("swipe"), lambda r, x: ("swipe", x), works=_takes("swipe"), footer=True),
    ReaderCommand(
        "pin",
        "p",
        "PIN pad",
        lambda c, r, x: c.enter_pin(r.serial, x),
        lambda r, x: ("pin", x),
        _pin,
        works=_asks_for("pin"),
        footer=True,
    ),
    ReaderCommand(
        "remove",
        "x",
        "Remove card",
        lambda c, r, x: c.remove_card(r.serial),
        lambda r, x: ("remove",),
        works=lambda row: bool(row.view.get("card_in_slot")),
        footer=True,
    ),
    ReaderCommand(
        "press",
        "b",
        "Button",
        lambda c, r, x: c.press(r.serial, x),
        lambda r, x: ("press", x),
        _button,
        works=lambda row: bool(row.view["screen"]["buttons"]),
        footer=True,
    ),
    ReaderCommand(
        "tip", "m", "Give a tip", _tip, lambda r, x: ("tip", x), _line("tip in cents", "100"), works=_asks_for("tip")
    ),
    ReaderCommand(
        "enter",
        "e",
        "Fill the form",
        lambda c, r, x: c.enter(r.serial, x),
        lambda r, x: ("enter", x),
        _line("what is entered"),
        works=_asks_for("form"),
    ),
    ReaderCommand(
        "skip", "E", "Skip the form", lambda c, r, x: c.skip(r.serial), lambda r, x: ("skip",), works=_asks_for("form")
    ),
    ReaderCommand(
        "sale", "n", "New sale", _sell, None, _line("amount in cents, and a currency", "1250"), works=_rest, footer=True
    ),
    ReaderCommand("cancel", "X", "Cancel the action", _cancel, works=_busy),
    ReaderCommand(
        "network", "o", "Network off/on", lambda c, r, x: _flip(c, r, "offline"), lambda r, x: _flipped(r, "offline")
    ),
    ReaderCommand("fault", "f", "Faults", _flip, _flipped, _fault, footer=True),
    ReaderCommand(
        "drain",
        "z",
        "Drain the battery, or charge it",
        lambda c, r, x: _flip(c, r, "battery_low"),
        lambda r, x: _flipped(r, "battery_low"),
        works=lambda row: row.view["battery"] is not None,
    ),
    ReaderCommand("charger", "P", "Charger off/on", _charge, _charged),
    ReaderCommand(
        "reboot",
        "B",
        "Reboot",
        lambda c, r, x: c.reboot(r.serial),
        lambda r, x: ("reboot",),
        works=lambda row: row.state not in ("off", "broken"),
        warns="Reboot {}? A sale in the middle is lost.",
    ),
    ReaderCommand(
        "update",
        "U",
        "Install software",
        lambda c, r, x: c.install(r.serial, x),
        lambda r, x: ("install", x),
        _line("version", SAMPLE_VERSION),
    ),
    ReaderCommand(
        "register",
        "R",
        "Register",
        _register,
        None,
        _place,
        works=lambda row: bool(row.view["pairing_code"]),
        footer=True,
    ),
    ReaderCommand("rename", "L", "Label", _rename, None, _line("label"), works=lambda row: row.account != ""),
    ReaderCommand(
        "delete",
        "D",
        "Delete the reader",
        _delete,
        None,
        works=lambda row: row.account != "",
        warns="Delete {}? Its action and its registration are gone.",
    ),
)
"""In the order in which they are listed.  The card of tap, insert and swipe is the one in hand."""
WITH_A_CARD = frozenset(("tap", "insert", "swipe"))
BY_NAME = {command.name: command for command in COMMANDS}
