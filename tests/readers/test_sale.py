"""One sale on a virtual WisePOS E, phase by phase and in one go."""

from __future__ import annotations

import pytest

from countertop.cards import SimulatedCard, UnknownCard
from countertop.errors import ReaderError
from countertop.gateway import ActionEnded, AuthorizationAnswer, AuthorizationRequest


def decline(code: str, message: str = "No."):
    return lambda request: AuthorizationAnswer(request.action, False, code, message, "1A")


def decline_without_pin(code: str):
    def answer(request: AuthorizationRequest) -> AuthorizationAnswer:
        if request.card.cvm == "none":
            return AuthorizationAnswer(request.action, False, code, "PIN please.", "1A")
        return AuthorizationAnswer(request.action, True)

    return answer


def test_a_watched_tap_goes_through_every_phase_in_its_time(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    assert rig.phase(serial) == "waiting"
    rig.present(serial, "tap")
    assert rig.phase(serial) == "reading"
    rig.advance(600)
    assert rig.phase(serial) == "authorizing"
    assert rig.said(AuthorizationRequest) == []
    rig.advance(900)
    assert rig.phase(serial) == "result"
    assert rig.ended() == [ActionEnded(action, True)]
    rig.advance(3000)
    assert rig.phase(serial) == "idle"


def test_a_sale_at_once_ends_in_the_callers_transaction(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    rig.present(serial, "insert", at_once=True)
    assert rig.ended() == [ActionEnded(action, True)]
    assert rig.phase(serial) == "result"
    assert not rig.state(serial).card_in_slot
    assert rig.refusal(serial) is None


def test_what_the_reader_learnt_from_the_card(rig):
    serial = rig.simulated()
    rig.start(serial)
    rig.present(serial, "swipe", "visa_stripe", at_once=True)
    card = rig.said(AuthorizationRequest)[0].card
    assert card.card_token == rig.vault.tokens["4242424242424242"]
    assert (card.read_method, card.exp_month, card.exp_year) == ("magnetic_stripe_track2", 12, 2030)
    assert (card.cvm, card.cardholder_name) == ("none", "CARDHOLDER/VALUED")
    assert rig.vault.open(None, card.track).hex().upper().startswith("4242424242424242D3012101")


def test_no_number_and_no_pin_reaches_a_row_or_the_feed(rig):
    serial = rig.simulated()
    rig.start(serial)
    kept = b""
    rig.present(serial, "insert", SimulatedCard(
        "4001007020000002", "mine", "visa", "debit", "GB", cvm="offline_pin", pin="739104"
    ))  # fmt: skip
    for milliseconds in (1200, 200, 200, 900, 3000):
        rig.advance(milliseconds)
        if rig.phase(serial) == "pin" and not rig.screen(serial).pin_dots:
            rig.enter_pin(serial, "739104")
        kept += b"".join(rig.table.values())
    kept += repr(rig.items).encode()
    assert rig.ended()[0].succeeded
    assert b"4001007020000002" not in kept
    assert b"739104" not in kept


def test_a_second_action_replaces_the_one_that_waits(rig):
    serial = rig.simulated()
    first = rig.start(serial, 100)
    second = rig.start(serial, 200)
    rig.present(serial, "tap", at_once=True)
    assert first != second
    assert rig.ended() == [ActionEnded(second, True)]


def test_cancel_returns_to_the_splash_screen_and_says_nothing(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    rig.cancel(serial, action)
    assert rig.phase(serial) == "idle"
    assert rig.ended() == []


def test_a_late_cancel_of_a_replaced_action_is_dropped(rig):
    serial = rig.simulated()
    first = rig.start(serial)
    rig.start(serial)
    rig.cancel(serial, first)
    assert rig.phase(serial) == "waiting"


def test_a_late_answer_about_another_action_is_dropped(rig):
    serial = rig.simulated()
    rig.answer = lambda request: None
    rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    assert rig.phase(serial) == "authorizing"
    rig.send(serial, AuthorizationAnswer("action_gone", True))
    assert rig.phase(serial) == "authorizing"


def test_the_answer_may_come_later(rig):
    serial = rig.simulated()
    rig.answer = lambda request: None
    action = rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    assert rig.refusal(serial) == "terminal_reader_busy"
    rig.send(serial, AuthorizationAnswer(action, False, "card_declined", "Your card was declined."))
    assert rig.ended() == [ActionEnded(action, False)]
    assert "Your card was declined." in rig.screen(serial).text


def test_a_decline_names_no_failure_of_the_device(rig):
    serial = rig.simulated()
    rig.answer = decline("card_declined")
    action = rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    assert rig.ended() == [ActionEnded(action, False, None, None)]


def test_nobody_comes(rig):
    serial = rig.simulated()
    action = rig.start(serial, timeout_ms=60_000)
    rig.advance(59_999)
    assert rig.ended() == []
    rig.advance(1)
    assert rig.ended() == [ActionEnded(action, False, "timed_out", "No card was presented in time.")]
    assert rig.phase(serial) == "idle"


def test_the_cancel_button_is_there_only_when_asked_for(rig):
    serial = rig.simulated()
    rig.start(serial)
    with pytest.raises(ReaderError, match="no cancel button"):
        rig.press(serial, "cancel")
    action = rig.start(serial, customer_cancellation=True)
    assert rig.screen(serial).buttons == ("cancel",)
    rig.press(serial, "cancel")
    ended = rig.ended()[0]
    assert (ended.action, ended.failure_code) == (action, "customer_canceled")
    assert rig.phase(serial) == "idle"


def test_an_inserted_card_has_to_be_removed(rig):
    serial = rig.simulated()
    rig.start(serial)
    rig.present(serial, "insert")
    rig.advance(1200 + 900)
    assert rig.phase(serial) == "result"
    assert rig.screen(serial).footer == "Please remove your card"
    assert rig.refusal(serial) == "terminal_reader_busy"
    rig.advance(3000)
    assert rig.phase(serial) == "remove_card"
    assert rig.refusal(serial) == "terminal_reader_busy"
    rig.remove_card(serial)
    assert rig.phase(serial) == "idle"
    assert rig.refusal(serial) is None


def test_a_card_pulled_out_too_early_is_wanted_again(rig):
    serial = rig.simulated()
    rig.start(serial)
    rig.present(serial, "insert")
    rig.remove_card(serial)
    assert rig.phase(serial) == "waiting"
    assert "Card removed too early" in rig.screen(serial).text
    assert rig.ended() == []
    rig.present(serial, "insert", at_once=True)
    assert rig.ended()[0].succeeded


def test_a_pin_card_in_the_slot_asks_for_its_pin(rig):
    serial = rig.simulated("GB")
    rig.start(serial)
    rig.present(serial, "insert", "offline_pin_cvm")
    rig.advance(1200)
    assert rig.screen(serial).prompt == "pin"
    rig.enter_pin(serial, "1234")
    assert rig.screen(serial).pin_dots == 4
    rig.advance(400 + 900)
    assert rig.said(AuthorizationRequest)[0].card.cvm == "offline_pin"
    assert rig.ended()[0].succeeded


def test_the_third_wrong_pin_ends_the_sale(rig):
    serial = rig.simulated("GB")
    action = rig.start(serial)
    rig.present(serial, "insert", "offline_pin_cvm")
    rig.advance(1200)
    rig.enter_pin(serial, "9999")
    assert "Wrong PIN" in rig.screen(serial).text
    rig.enter_pin(serial, "9998")
    assert "Last try" in rig.screen(serial).text
    rig.enter_pin(serial, "9997")
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "pin_try_exceeded")]
    assert rig.said(AuthorizationRequest) == []


def test_an_online_pin_is_the_issuers_business(rig):
    serial = rig.simulated("FR")
    rig.start(serial)
    rig.present(serial, "insert", "online_pin_cvm")
    rig.advance(1200)
    rig.enter_pin(serial, "4711")
    rig.advance(2_000)
    assert rig.said(AuthorizationRequest)[0].card.cvm == "online_pin"


@pytest.mark.parametrize("pin", ["123", "12a4", "", "1234567890123", "١٢٣٤"])
def test_what_is_no_pin_is_refused_without_repeating_it(rig, pin):
    serial = rig.simulated()
    with pytest.raises(ReaderError) as refusal:
        rig.enter_pin(serial, pin)
    assert not pin or pin not in str(refusal.value).replace("1234", "")


def test_a_soft_declined_tap_is_repeated_in_the_slot_with_a_pin(rig):
    serial = rig.simulated("GB")
    rig.answer = decline_without_pin("offline_pin_required")
    rig.start(serial)
    rig.present(serial, "tap")
    rig.advance(600 + 900)
    assert rig.phase(serial) == "waiting"
    assert rig.screen(serial).prompt == "insert"
    with pytest.raises(ReaderError, match="inserted"):
        rig.present(serial, "tap")
    rig.present(serial, "insert")
    rig.advance(1200)
    rig.enter_pin(serial, "1234")
    rig.advance(400 + 900)
    asked = [(request.card.read_method, request.card.cvm) for request in rig.said(AuthorizationRequest)]
    assert asked == [("contactless_emv", "none"), ("contact_emv", "offline_pin")]
    assert [end.succeeded for end in rig.ended()] == [True]


@pytest.mark.parametrize(
    ("country", "card", "code", "second"),
    [
        ("GB", "offline_pin_sca_retry", "offline_pin_required", ("contact_emv", "offline_pin")),
        ("DE", "online_pin_sca_retry", "online_or_offline_pin_required", ("contactless_emv", "online_pin")),
        ("GB", "online_pin_sca_retry", "online_or_offline_pin_required", ("contact_emv", "online_pin")),
    ],
)
def test_a_pin_card_at_once_is_repeated_by_itself(rig, country, card, code, second):
    serial = rig.simulated(country)
    rig.answer = decline_without_pin(code)
    rig.start(serial)
    rig.present(serial, "tap", card, at_once=True)
    asked = [(request.card.read_method, request.card.cvm) for request in rig.said(AuthorizationRequest)]
    assert asked == [("contactless_emv", "none"), second]
    assert [end.succeeded for end in rig.ended()] == [True]
    assert not rig.state(serial).card_in_slot


def test_a_pin_decline_is_final_at_once_for_a_card_without_a_pin(rig):
    serial = rig.simulated("GB")
    rig.answer = decline_without_pin("offline_pin_required")
    rig.start(serial)
    rig.present(serial, "tap", "visa", at_once=True)
    assert [end.succeeded for end in rig.ended()] == [False]


def test_a_pin_decline_is_final_where_no_pin_is_asked(rig):
    serial = rig.simulated("US")
    rig.answer = lambda request: AuthorizationAnswer(
        request.action, False, "online_or_offline_pin_required", "No.", "57"
    )
    rig.start(serial)
    rig.present(serial, "tap")
    rig.advance(600 + 900)
    assert [end.succeeded for end in rig.ended()] == [False]


def test_in_an_online_pin_country_the_pin_follows_on_the_same_tap(rig):
    serial = rig.simulated("FR")
    rig.answer = decline_without_pin("online_or_offline_pin_required")
    rig.start(serial)
    rig.present(serial, "tap")
    rig.advance(600 + 900)
    assert rig.phase(serial) == "pin"
    rig.enter_pin(serial, "1111")
    rig.advance(2_000)
    assert rig.said(AuthorizationRequest)[-1].card.cvm == "online_pin"
    assert rig.ended()[-1].succeeded


def test_a_pin_decline_after_a_pin_is_final(rig):
    serial = rig.simulated("GB")
    rig.answer = decline("offline_pin_required")
    rig.start(serial)
    rig.present(serial, "tap", "offline_pin_sca_retry", at_once=True)
    assert len(rig.said(AuthorizationRequest)) == 2
    assert [end.succeeded for end in rig.ended()] == [False]


def test_some_brands_want_their_chip(rig):
    serial = rig.simulated()
    rig.start(serial)
    rig.present(serial, "tap", "jcb")
    rig.advance(600)
    assert rig.phase(serial) == "waiting"
    assert "Please insert the card" in rig.screen(serial).text
    rig.present(serial, "tap", "jcb", at_once=True)
    assert rig.said(AuthorizationRequest)[0].card.read_method == "contact_emv"


def test_a_reader_that_asks_for_nothing_takes_nothing(rig):
    serial = rig.simulated()
    with pytest.raises(ReaderError, match="does not ask for a card") as refusal:
        rig.present(serial, "tap")
    assert "process_payment_intent" in refusal.value.hint
    with pytest.raises(ReaderError, match="no card in the reader's slot"):
        rig.remove_card(serial)
    with pytest.raises(ReaderError, match="does not ask for a PIN"):
        rig.enter_pin(serial, "1234")
    with pytest.raises(ReaderError, match="no button 'any'"):
        rig.press(serial, "any")


def test_a_keyed_number_is_not_taken(rig):
    serial = rig.simulated()
    rig.start(serial)
    with pytest.raises(ReaderError, match="takes no card by 'key'"):
        rig.present(serial, "key")


def test_a_card_of_ones_own_has_its_own_pin(rig):
    serial = rig.simulated("GB")
    card = SimulatedCard("4000000000000077", "mine", "visa", "debit", "GB", cvm="offline_pin", pin="0815")
    rig.start(serial)
    rig.present(serial, "insert", card)
    rig.advance(1200)
    rig.enter_pin(serial, "1234")
    assert rig.phase(serial) == "pin"
    rig.enter_pin(serial, "0815")
    rig.advance(2_000)
    assert rig.ended()[0].succeeded


def test_an_action_that_replaces_one_with_a_card_in_the_slot_waits_for_the_slot(rig):
    serial = rig.simulated("GB")
    rig.start(serial)
    rig.present(serial, "insert", "offline_pin_cvm")
    rig.advance(1200)
    assert rig.refusal(serial) is None
    rig.start(serial, 500, "gbp")
    assert rig.phase(serial) == "remove_card"
    rig.remove_card(serial)
    assert rig.phase(serial) == "waiting"
    assert rig.screen(serial).amount == "£5.00"


def test_a_sale_that_is_being_authorized_is_not_called_off(rig):
    serial = rig.simulated()
    rig.answer = lambda request: None
    action = rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    rig.cancel(serial, action)
    assert rig.phase(serial) == "authorizing"
    rig.send(serial, AuthorizationAnswer(action, True))
    assert rig.ended() == [ActionEnded(action, True)]


def test_a_pin_that_is_typed_is_not_cancelled_any_more(rig):
    serial = rig.simulated("GB")
    rig.start(serial, customer_cancellation=True)
    rig.present(serial, "insert", "offline_pin_cvm")
    rig.advance(1200)
    assert rig.screen(serial).buttons == ("cancel",)
    rig.enter_pin(serial, "1234")
    assert rig.screen(serial).buttons == ()
    assert rig.refusal(serial) == "terminal_reader_busy"
    with pytest.raises(ReaderError, match="no cancel button"):
        rig.press(serial, "cancel")


def test_a_pin_is_typed_once(rig):
    serial = rig.simulated("GB")
    rig.start(serial)
    rig.present(serial, "insert", "offline_pin_cvm")
    rig.advance(1200)
    rig.enter_pin(serial, "1234")
    with pytest.raises(ReaderError, match="does not ask for a PIN"):
        rig.enter_pin(serial, "1234")


def test_a_timer_of_a_sale_that_is_over_does_nothing(rig):
    serial = rig.simulated()
    rig.start(serial, timeout_ms=5_000)
    late = rig.timers.volatile
    kept = []
    rig.timers.volatile = lambda due, key, callback: kept.append(callback) or late(due, key, callback)
    action = rig.start(serial, timeout_ms=10_000)
    rig.start(serial, timeout_ms=20_000)
    kept[0]()
    assert action not in [end.action for end in rig.ended()]
    assert rig.phase(serial) == "waiting"


def test_an_idle_reader_ignores_answers(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    rig.send(serial, AuthorizationAnswer(action, False, "card_declined", "Too late."))
    assert rig.screen(serial).prompt == "approved"
    assert len(rig.ended()) == 1


@pytest.mark.parametrize(
    ("number", "read_method", "cvm"),
    [
        ("4242424242424242", "contactless_emv", "none"),
        ("4001007020000002", "contact_emv", "offline_pin"),
        ("4001000360000005", "contact_emv", "online_pin"),
    ],
)
def test_a_number_is_presented_as_its_holder_would(rig, number, read_method, cvm):
    serial = rig.simulated()
    action = rig.start(serial)
    with rig.tx() as tx:
        rig.fleet.present_number(tx, serial, number)
    card = rig.said(AuthorizationRequest)[0].card
    assert (card.read_method, card.cvm) == (read_method, cvm)
    assert rig.ended() == [ActionEnded(action, True)]


def test_a_number_that_is_no_test_card_is_not_presented(rig):
    serial = rig.simulated()
    rig.start(serial)
    with pytest.raises(UnknownCard), rig.tx() as tx:
        rig.fleet.present_number(tx, serial, "4111111111111111")
    assert rig.phase(serial) == "waiting"


def test_a_sale_moves_by_itself_except_where_someone_is_waited_for(rig):
    serial = rig.simulated("GB")
    rig.answer = lambda request: None
    rig.start(serial)
    assert rig.state(serial).moving_until_ms is None
    rig.present(serial, "insert", "offline_pin_cvm")
    moved = []
    for _ in range(10):
        state = rig.state(serial)
        if state.moving_until_ms is not None:
            rig.advance(state.moving_until_ms - rig.clock.now_ms())
            moved.append(state.phase)
        elif state.phase == "pin":
            rig.enter_pin(serial, "1234")
    assert moved == ["reading", "pin", "authorizing"]
    assert rig.phase(serial) == "authorizing"
