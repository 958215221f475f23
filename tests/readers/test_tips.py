"""The tip screen before the amount."""

from __future__ import annotations

import pytest

from countertop.errors import ReaderError
from countertop.gateway import ActionEnded, AuthorizationRequest, TipOffer

OFFER = TipOffer(1250, (188, 225, 250), (15, 18, 20))


def test_the_tip_screen_offers_what_was_configured(rig):
    serial = rig.simulated()
    rig.start(serial, tip=OFFER, customer_cancellation=True)
    screen = rig.screen(serial)
    assert (rig.phase(serial), screen.prompt, screen.amount) == ("tipping", "tip", "$12.50")
    assert screen.buttons == ("tip_1", "tip_2", "tip_3", "custom", "no_tip", "cancel")
    assert screen.captions == ("15% $1.88", "18% $2.25", "20% $2.50", "Custom", "No tip", "cancel")
    assert "Tip on $12.50" in screen.text
    assert "[ 15% $1.88 ]" in screen.text


def test_fixed_amounts_stand_alone(rig):
    serial = rig.simulated()
    rig.start(serial, tip=TipOffer(1250, (100, 200)))
    assert rig.screen(serial).captions == ("$1.00", "$2.00", "Custom", "No tip")


@pytest.mark.parametrize(
    ("hand", "argument", "tip", "total"),
    [
        ("press", "tip_2", 225, "$14.75"),
        ("press", "no_tip", 0, "$12.50"),
        ("choose_tip", 333, 333, "$15.83"),
        ("choose_tip", 0, 0, "$12.50"),
    ],
)
def test_what_was_chosen_is_added_and_told(rig, hand, argument, tip, total):
    serial = rig.simulated()
    rig.start(serial, tip=OFFER)
    rig.do(serial, hand, argument)
    assert (rig.phase(serial), rig.screen(serial).amount) == ("waiting", total)
    rig.present(serial, "tap", at_once=True)
    assert [request.tip for request in rig.said(AuthorizationRequest)] == [tip]


def test_a_sale_without_a_tip_screen_tells_of_none(rig):
    serial = rig.simulated()
    rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    assert [request.tip for request in rig.said(AuthorizationRequest)] == [None]


def test_a_custom_tip_is_typed(rig):
    serial = rig.simulated()
    rig.start(serial, tip=OFFER)
    rig.press(serial, "custom")
    assert "Type the tip" in rig.screen(serial).text
    rig.do(serial, "choose_tip", 1)
    assert rig.screen(serial).amount == "$12.51"


@pytest.mark.parametrize("amount", [-1, 100_000_000])
def test_what_is_no_tip_is_refused(rig, amount):
    serial = rig.simulated()
    rig.start(serial, tip=OFFER)
    with pytest.raises(ReaderError, match="no tip"):
        rig.do(serial, "choose_tip", amount)
    with pytest.raises(ReaderError, match="no tip"):
        rig.do(serial, "present_number", "4242424242424242", tip=amount)
    assert rig.phase(serial) == "tipping"


def test_a_tip_that_nobody_asks_for(rig):
    serial = rig.simulated()
    rig.start(serial)
    with pytest.raises(ReaderError, match="does not ask for a tip"):
        rig.do(serial, "choose_tip", 100)
    with pytest.raises(ReaderError, match="has no button 'tip_1'"):
        rig.press(serial, "tip_1")


def test_a_card_comes_after_the_tip(rig):
    serial = rig.simulated()
    rig.start(serial, tip=OFFER)
    with pytest.raises(ReaderError, match="asks for a tip"):
        rig.present(serial, "tap")


def test_the_customer_leaves_or_cancels_at_the_tip_screen(rig):
    serial = rig.simulated()
    gone = rig.start(serial, tip=OFFER, timeout_ms=60_000)
    rig.advance(60_000)
    cancelled = rig.start(serial, tip=OFFER, customer_cancellation=True)
    rig.press(serial, "cancel")
    assert [(end.action, end.failure_code) for end in rig.ended()] == [
        (gone, "timed_out"),
        (cancelled, "customer_canceled"),
    ]
    assert rig.phase(serial) == "idle"


def test_the_tip_is_asked_once_even_if_the_card_is_pulled(rig):
    serial = rig.simulated()
    rig.start(serial, tip=OFFER)
    rig.press(serial, "tip_1")
    rig.present(serial, "insert")
    rig.remove_card(serial)
    assert (rig.phase(serial), rig.screen(serial).amount) == ("waiting", "$14.38")


@pytest.mark.parametrize(
    ("offer", "given", "told"), [(OFFER, None, 0), (OFFER, 500, 500), (None, None, None), (None, 500, 500)]
)
def test_the_test_helper_tips_too(rig, offer, given, told):
    serial = rig.simulated()
    action = rig.start(serial, tip=offer)
    rig.do(serial, "present_number", "4242424242424242", tip=given)
    assert [request.tip for request in rig.said(AuthorizationRequest)] == [told]
    assert rig.ended() == [ActionEnded(action, True)]
