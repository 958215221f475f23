"""What is on the screen, as plain text, for every phase; and on the live feed."""

from __future__ import annotations

from textwrap import dedent

import pytest

from countertop.gateway import AuthorizationAnswer


def rows(screen) -> list[str]:
    """The text of a screen without its frame and empty rows."""
    lines = screen.text.splitlines()
    assert len({len(line) for line in lines}) == 1, "the frame is ragged"
    return [line.strip("│ ") for line in lines[1:-1] if line.strip("│ ")]


def test_the_frame(rig):
    serial = rig.simulated(name="Corner Shop")
    rig.start(serial, customer_cancellation=True)
    assert rig.screen(serial).text == dedent(
        """\
        ┌──────────────────────────────────┐
        │              Total               │
        │                                  │
        │              $12.50              │
        │                                  │
        │    Tap, insert or swipe card     │
        │                                  │
        │            [ cancel ]            │
        └──────────────────────────────────┘"""
    )


def test_booting(rig):
    serial = rig.unbox("GB", at_once=False)
    assert rows(rig.screen(serial)) == ["BBPOS WisePOS E", "Starting…", "5.01.03.00 / szzz_prod_eu_off_v11"]


def test_pairing(rig):
    serial = rig.unbox()
    code = rig.state(serial).code
    assert rows(rig.screen(serial)) == ["Pairing code", "Register this reader with", code, serial]
    assert rig.screen(serial).prompt == "pair"


def test_idle(rig):
    serial = rig.simulated(name="Corner Shop")
    assert rows(rig.screen(serial)) == ["Corner Shop", "Welcome"]


def test_waiting_in_another_currency(rig):
    serial = rig.simulated("GB")
    rig.start(serial, 123456, "gbp")
    assert rig.screen(serial).amount == "£1,234.56"
    assert rig.screen(serial).prompt == "card"


@pytest.mark.parametrize(("how", "line"), [("tap", "Reading card"), ("insert", "Do not remove card")])
def test_reading(rig, how, line):
    serial = rig.simulated()
    rig.start(serial)
    rig.present(serial, how)
    assert rows(rig.screen(serial)) == ["Reading", "$12.50", line]


def test_pin_entry_and_its_dots(rig):
    serial = rig.simulated("GB")
    rig.start(serial)
    rig.present(serial, "insert", "offline_pin_cvm")
    rig.advance(1200)
    assert rows(rig.screen(serial)) == ["Enter PIN", "$12.50", "_ _ _ _"]
    rig.enter_pin(serial, "1234")
    assert rows(rig.screen(serial)) == ["Enter PIN", "$12.50", "● ● ● ●"]


def test_processing_approved_and_remove_card(rig):
    serial = rig.simulated()
    rig.start(serial)
    rig.present(serial, "insert")
    rig.advance(1200)
    assert rows(rig.screen(serial)) == ["Processing", "$12.50", "Do not remove card"]
    rig.advance(900)
    assert rows(rig.screen(serial)) == ["Approved", "$12.50", "Please remove your card"]
    rig.advance(3000)
    assert rows(rig.screen(serial)) == ["Remove card"]


def test_declined_with_the_issuers_words(rig):
    serial = rig.simulated()
    words = "Your card has insufficient funds, which is a long way of saying no."
    rig.answer = lambda request: AuthorizationAnswer(request.action, False, "card_declined", words)
    rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    shown = rows(rig.screen(serial))
    assert shown[:2] == ["Declined", "$12.50"]
    assert " ".join(shown[2:]) == words


def test_a_long_shop_name_stays_in_the_frame(rig):
    serial = rig.simulated(name="The Extraordinarily Long Name of a Very Small Shop Ltd")
    assert rows(rig.screen(serial))[-1] == "Welcome"


def test_watchers_see_every_screen_once_and_in_order(rig):
    serial = rig.simulated()
    rig.items.clear()
    rig.start(serial)
    rig.present(serial, "tap")
    rig.advance(600 + 900 + 3000)
    seen = [(item.topic, item.data["serial"], item.data["state"]) for item in rig.items]
    phases = ["waiting", "reading", "authorizing", "result", "idle"]
    assert seen == [("reader", serial, phase) for phase in phases]
    assert rig.items[1].data["card"] == {"brand": "unknown", "last4": "", "read_method": "contactless_emv"}
    assert rig.items[2].data["card"] == {"brand": "visa", "last4": "4242", "read_method": "contactless_emv"}
    assert rig.items[0].data["screen"]["amount"] == "$12.50"
    assert "Tap, insert or swipe card" in rig.items[0].data["screen"]["text"]


def test_a_transaction_that_fails_shows_nothing(rig):
    serial = rig.simulated()
    rig.items.clear()
    rig.fleet.set_fault(rig.lost_tx(), serial, "offline")
    assert rig.items == []
