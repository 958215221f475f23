"""Hands on readers: what a customer, a cashier or a clumsy foot does to the device on the counter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from countertop.cards import Phone
from countertop.cards.wallets import SEPARATOR
from countertop.counter import Reader
from countertop.errors import ConfigurationError
from countertop.server.control.ask import Ask
from countertop.server.control.bodies import (
    Choice,
    Entry,
    Installation,
    Pin,
    Power,
    Presentation,
    Press,
    ReaderFault,
    Tip,
)
from countertop.server.control.readers import registered_as, seen, serial_of

View = dict[str, Any]


def present(ask: Ask) -> View:
    """POST readers/{reader}/present"""
    body = ask.model(Presentation)
    _check(body)

    def work(reader: Reader) -> None:
        if body.how == "tap":
            phone = _phone(body)
            reader.tap(body.card if phone is None else phone, body.card_faults, beside=body.beside)
        elif body.how == "insert":
            reader.insert(body.card, body.card_faults)
        else:
            reader.swipe(body.card)

    return _with_hands(ask, work)


def _check(body: Presentation) -> None:
    """Raises ConfigurationError for what is said of a card in a way that cannot be: nothing is quietly left out."""
    if (body.locked or body.express) and SEPARATOR not in body.card:
        raise ConfigurationError(
            "Only phones are locked or in express mode.", "Name the wallet and the card, such as apple_pay:visa"
        )
    if body.how != "tap" and (body.beside or body.locked or body.express):
        raise ConfigurationError(f"Nobody can {body.how} a phone, or a card beside others.", "Tap it")
    if body.how == "swipe" and body.card_faults:
        raise ConfigurationError("Card faults are of chips.", "Tap or insert the card")


def _phone(body: Presentation) -> Phone | None:
    """The phone of a card in a wallet; None for plastic."""
    wallet, separator, card = body.card.partition(SEPARATOR)
    if not separator:
        return None
    phone = Phone(wallet, card, locked=body.locked or body.express)
    phone.express = body.express
    return phone


def enter_pin(ask: Ask) -> View:
    """POST readers/{reader}/pin"""
    body = ask.model(Pin)
    return _with_hands(ask, lambda reader: reader.enter_pin(body.pin))


def choose_tip(ask: Ask) -> View:
    """POST readers/{reader}/tip"""
    body = ask.model(Tip)
    return _with_hands(ask, lambda reader: reader.choose_tip(body.amount))


def enter(ask: Ask) -> View:
    """POST readers/{reader}/input"""
    body = ask.model(Entry)

    def work(reader: Reader) -> None:
        if body.value is not None:
            reader.enter(body.value)
        elif body.toggle is not None:
            reader.toggle(body.toggle)
        else:
            reader.skip()

    return _with_hands(ask, work)


def choose(ask: Ask) -> View:
    """POST readers/{reader}/choose"""
    body = ask.model(Choice)
    return _with_hands(ask, lambda reader: reader.choose(body.network))


def power(ask: Ask) -> View:
    """POST readers/{reader}/power"""
    body = ask.model(Power)
    serial = serial_of(ask)
    act = ask.bench.devices.plug if body.plugged else ask.bench.devices.unplug
    ask.bench.transact(lambda tx: act(tx, serial))
    return seen(ask, serial)


def install(ask: Ask) -> View:
    """POST readers/{reader}/install"""
    body = ask.model(Installation)
    serial = serial_of(ask)
    ask.bench.transact(lambda tx: ask.bench.devices.install(tx, serial, body.version))
    return seen(ask, serial)


def reboot(ask: Ask) -> View:
    """POST readers/{reader}/reboot"""
    serial = serial_of(ask)
    ask.bench.transact(lambda tx: ask.bench.devices.reboot(tx, serial))
    return seen(ask, serial)


def remove(ask: Ask) -> View:
    """POST readers/{reader}/remove"""
    serial = serial_of(ask)
    ask.bench.transact(lambda tx: ask.bench.devices.remove_card(tx, serial))
    return seen(ask, serial)


def press(ask: Ask) -> View:
    """POST readers/{reader}/press"""
    body = ask.model(Press)
    serial = serial_of(ask)
    ask.bench.transact(lambda tx: ask.bench.devices.press(tx, serial, body.button))
    return seen(ask, serial)


def fault(ask: Ask) -> View:
    """POST readers/{reader}/fault"""
    body = ask.model(ReaderFault)
    bench, serial = ask.bench, serial_of(ask)
    at_ms = body.begins_ms(bench.clock.now_ms())
    if at_ms is None:
        bench.transact(lambda tx: bench.devices.set_fault(tx, serial, body.name, body.on))
    else:
        bench.transact(lambda tx: bench.devices.plan_fault(tx, serial, body.name, at_ms, body.for_ms))
    return seen(ask, serial)


def _with_hands(ask: Ask, work: Callable[[Reader], None]) -> View:
    serial = serial_of(ask)
    work(ask.bench.find_reader(registered_as(ask.bench, serial)))
    return seen(ask, serial)
