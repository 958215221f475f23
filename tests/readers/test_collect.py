"""Two steps: a card is collected and held, then confirmed, or not."""

from __future__ import annotations

import pytest

from countertop.gateway import ActionEnded, AuthorizationAnswer, AuthorizationRequest, MethodCollected, TipOffer


def collect(rig, serial, how="tap", card="visa", *, at_once=False, **more) -> str:
    action = rig.start(serial, kind="collect_payment_method", **more)
    rig.present(serial, how, card, at_once=at_once)
    if not at_once:
        rig.advance(1200 if how == "insert" else 600)
    return action


def confirm(rig, serial, collected: str, amount: int = 1250) -> str:
    return rig.start(serial, amount, kind="confirm_payment_intent", collected=collected)


def test_a_collected_card_is_told_and_held(rig):
    serial = rig.simulated()
    action = collect(rig, serial)
    assert rig.phase(serial) == "collected"
    assert rig.screen(serial).title == "One moment"
    told = rig.said(MethodCollected)
    assert [(method.action, method.card.read_method, method.tip) for method in told] == [
        (action, "contactless_emv", None)
    ]
    assert rig.ended() == rig.said(AuthorizationRequest) == []
    assert rig.refusal(serial) is None


def test_the_confirmation_goes_on_with_it(rig):
    serial = rig.simulated()
    collected = collect(rig, serial)
    action = confirm(rig, serial, collected)
    assert rig.phase(serial) == "authorizing"
    rig.advance(900)
    assert [request.action for request in rig.said(AuthorizationRequest)] == [action]
    assert rig.said(AuthorizationRequest)[0].card == rig.said(MethodCollected)[0].card
    assert rig.ended() == [ActionEnded(action, True)]


def test_the_pin_comes_with_the_confirmation(rig):
    serial = rig.simulated("GB")
    collected = collect(rig, serial, "insert", "offline_pin_cvm")
    assert rig.phase(serial) == "collected"
    action = confirm(rig, serial, collected)
    assert rig.screen(serial).prompt == "pin"
    rig.enter_pin(serial, "1234")
    rig.advance(400 + 900)
    assert rig.said(AuthorizationRequest)[0].card.cvm == "offline_pin"
    assert rig.ended() == [ActionEnded(action, True)]
    assert rig.screen(serial).footer == "Please remove your card"


def test_the_tip_is_told_with_the_card_and_with_the_authorization(rig):
    serial = rig.simulated()
    collected = rig.start(serial, kind="collect_payment_method", tip=TipOffer(1250, (200,)))
    rig.press(serial, "tip_1")
    rig.present(serial, "tap")
    rig.advance(600)
    assert rig.said(MethodCollected)[0].tip == 200
    confirm(rig, serial, collected)
    assert rig.screen(serial).amount == "$14.50"
    rig.advance(900)
    assert rig.said(AuthorizationRequest)[0].tip == 200


def test_after_thirty_seconds_the_card_is_discarded(rig):
    serial = rig.simulated()
    collected = collect(rig, serial)
    rig.advance(29_999)
    assert rig.phase(serial) == "collected"
    rig.advance(1)
    assert rig.phase(serial) == "idle"
    assert rig.ended() == []
    late = confirm(rig, serial, collected)
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(late, "timed_out")]
    assert rig.phase(serial) == "idle"


def test_a_confirmation_of_another_collection_finds_no_card(rig):
    serial = rig.simulated()
    first = collect(rig, serial)
    collect(rig, serial)
    late = confirm(rig, serial, first)
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(late, "timed_out")]
    assert rig.phase(serial) == "idle"


def test_a_card_that_left_the_slot_is_not_held(rig):
    serial = rig.simulated()
    collected = collect(rig, serial, "insert")
    rig.remove_card(serial)
    assert rig.phase(serial) == "idle"
    confirm(rig, serial, collected)
    assert rig.ended()[0].failure_code == "timed_out"


def test_a_discarded_card_has_to_leave_the_slot(rig):
    serial = rig.simulated()
    collect(rig, serial, "insert")
    rig.advance(30_000)
    assert rig.phase(serial) == "remove_card"
    assert rig.refusal(serial) == "terminal_reader_busy"
    rig.remove_card(serial)
    assert rig.refusal(serial) is None


def test_a_collection_is_called_off(rig):
    serial = rig.simulated()
    action = collect(rig, serial)
    rig.cancel(serial, action)
    assert rig.phase(serial) == "idle"
    assert rig.ended() == []


@pytest.mark.parametrize("number", ["4242424242424242", "4001007020000002"])
def test_a_customer_who_is_not_watched_is_through_at_once(rig, number):
    serial = rig.simulated("GB")
    collected = rig.start(serial, kind="collect_payment_method")
    rig.do(serial, "present_number", number)
    assert not rig.state(serial).card_in_slot
    action = confirm(rig, serial, collected)
    assert rig.ended() == [ActionEnded(action, True)]


def test_a_soft_decline_is_repeated_in_the_slot(rig):
    serial = rig.simulated("GB")

    def answer(request):
        if request.card.cvm == "none":
            return AuthorizationAnswer(request.action, False, "offline_pin_required", "PIN please.", "1A")
        return AuthorizationAnswer(request.action, True)

    rig.answer = answer
    action = confirm(rig, serial, collect(rig, serial))
    rig.advance(900)
    assert rig.screen(serial).prompt == "insert"
    rig.present(serial, "insert")
    rig.advance(1200)
    rig.enter_pin(serial, "1234")
    rig.advance(400 + 900)
    assert [request.card.read_method for request in rig.said(AuthorizationRequest)] == [
        "contactless_emv",
        "contact_emv",
    ]
    assert rig.ended() == [ActionEnded(action, True)]


def test_nothing_is_collected_without_a_network(rig):
    serial = rig.simulated()
    action = rig.start(serial, kind="collect_payment_method")
    rig.fault(serial, "offline")
    rig.present(serial, "tap")
    rig.advance(600)
    rig.fault(serial, "offline", on=False)
    assert rig.said(MethodCollected) == []
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "connection_error")]


def test_nobody_comes_to_be_collected(rig):
    serial = rig.simulated()
    action = rig.start(serial, kind="collect_payment_method", timeout_ms=60_000)
    rig.advance(60_000)
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "timed_out")]


def test_a_power_cut_loses_the_card(rig):
    serial = rig.simulated()
    collected = collect(rig, serial)
    rig.restart()
    confirm(rig, serial, collected)
    assert rig.ended()[0].failure_code == "timed_out"
