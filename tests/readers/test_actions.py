"""Cards saved and refunded, networks chosen, numbers typed, carts; and actions that replace each other."""

from __future__ import annotations

import pytest

from countertop.errors import ReaderError
from countertop.gateway import ActionEnded, AuthorizationAnswer, AuthorizationRequest, Cart, CartLine, TipOffer

CO_BADGED = "eftpos_au_visa_debit"
CART = Cart("aud", tuple(CartLine(f"Article {n}", n, 100 * n) for n in range(1, 10)), 4500, 409)


def test_saving_a_card_says_so_and_shows_no_amount(rig):
    serial = rig.simulated()
    action = rig.start(serial, 0, "", kind="process_setup_intent")
    screen = rig.screen(serial)
    assert (screen.title, screen.amount) == ("Save card", None)
    assert "Your card will be saved" in screen.text
    rig.present(serial, "insert")
    rig.advance(1200 + 900)
    assert rig.screen(serial).prompt == "approved"
    assert rig.ended() == [ActionEnded(action, True)]


def test_a_refund_says_so(rig):
    serial = rig.simulated("CA")
    action = rig.start(serial, 900, "cad", kind="refund_payment")
    assert (rig.screen(serial).title, rig.screen(serial).amount) == ("Refund", "CA$9.00")
    rig.present(serial, "insert", "interac", at_once=True)
    assert rig.ended() == [ActionEnded(action, True)]


def test_a_keyed_number_has_its_own_expiry_and_no_pin(rig):
    serial = rig.simulated("GB")
    rig.start(serial)
    rig.do(serial, "present_number", "4001007020000002", keyed=(7, 2031))
    card = rig.said(AuthorizationRequest)[0].card
    assert (card.read_method, card.exp_month, card.exp_year, card.cvm) == (None, 7, 2031, "none")
    assert rig.ended()[0].succeeded


def test_a_keyed_number_is_final_when_declined(rig):
    serial = rig.simulated("GB")
    rig.answer = lambda request: AuthorizationAnswer(request.action, False, "offline_pin_required", "No.")
    rig.start(serial)
    rig.do(serial, "present_number", "4242424242424242", keyed=(7, 2031))
    assert [end.succeeded for end in rig.ended()] == [False]


# --- networks -----------------------------------------------------------------------------------------------------


def test_a_co_badged_card_in_the_slot_lets_its_holder_choose(rig):
    serial = rig.simulated("AU")
    action = rig.start(serial, 1250, "aud", choice_networks=("eftpos_au",), customer_cancellation=True)
    rig.present(serial, "insert", CO_BADGED)
    rig.advance(1200)
    screen = rig.screen(serial)
    assert (rig.phase(serial), screen.prompt) == ("application", "choose")
    assert screen.buttons == ("eftpos_au", "visa", "cancel")
    assert screen.captions[:2] == ("eftpos", "Visa")
    assert rig.refusal(serial) is None
    rig.do(serial, "choose", "visa")
    rig.advance(2_000)
    assert [request.card.network for request in rig.said(AuthorizationRequest)] == ["visa"]
    assert rig.ended() == [ActionEnded(action, True)]


def test_the_buttons_choose_too(rig):
    serial = rig.simulated("AU")
    rig.start(serial, choice_networks=("eftpos_au",))
    rig.present(serial, "insert", CO_BADGED)
    rig.advance(1200)
    with pytest.raises(ReaderError, match="no network 'amex'"):
        rig.do(serial, "choose", "amex")
    rig.press(serial, "eftpos_au")
    rig.advance(2_000)
    assert rig.said(AuthorizationRequest)[0].card.network == "eftpos_au"


def test_a_customer_who_is_not_watched_takes_the_domestic_network(rig):
    serial = rig.simulated("AU")
    rig.start(serial, choice_networks=("eftpos_au",))
    rig.present(serial, "insert", CO_BADGED, at_once=True)
    assert rig.said(AuthorizationRequest)[0].card.network == "eftpos_au"


@pytest.mark.parametrize(
    ("how", "card", "wanted", "network"),
    [
        ("tap", CO_BADGED, ("eftpos_au",), "visa"),
        ("insert", CO_BADGED, (), "visa"),
        ("insert", "visa", ("eftpos_au",), "visa"),
        ("insert", "cartes_bancaires_visa_debit", ("cartes_bancaires",), "visa"),  # this model knows nothing of CB
        ("insert", "girocard_debit", ("girocard",), "girocard"),
    ],
)
def test_where_there_is_nothing_to_choose(rig, how, card, wanted, network):
    serial = rig.simulated("AU")
    rig.start(serial, choice_networks=wanted)
    rig.present(serial, how, card)
    rig.advance(1200)
    assert rig.phase(serial) == "authorizing"
    rig.advance(900)
    assert rig.said(AuthorizationRequest)[0].card.network == network


def test_nobody_chooses_or_the_card_is_taken_away(rig):
    serial = rig.simulated("AU")
    action = rig.start(serial, choice_networks=("eftpos_au",), timeout_ms=60_000)
    rig.present(serial, "insert", CO_BADGED)
    rig.advance(1200)
    rig.remove_card(serial)
    assert rig.phase(serial) == "waiting"
    rig.present(serial, "insert", CO_BADGED)
    rig.advance(60_000)
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "timed_out")]
    assert rig.phase(serial) == "remove_card"
    rig.remove_card(serial)
    assert rig.phase(serial) == "idle"


# --- carts and replacement ----------------------------------------------------------------------------------------


def test_a_cart_shows_its_first_lines_tax_and_total(rig):
    serial = rig.simulated("AU")
    rig.start(serial, kind="set_reader_display", cart=CART)
    screen = rig.screen(serial)
    assert (rig.phase(serial), screen.prompt, screen.amount) == ("cart", "cart", "A$45.00")
    assert screen.items[0] == ("1 x Article 1", "A$1.00")
    assert screen.items[6:] == (("and 3 more", ""), ("Tax", "A$4.09"), ("Total", "A$45.00"))
    assert "1 x Article 1" in screen.text


def test_a_cart_stays_until_it_is_called_off(rig):
    serial = rig.simulated()
    action = rig.start(serial, kind="set_reader_display", cart=CART, timeout_ms=1)
    rig.advance(3_600_000)
    assert rig.phase(serial) == "cart"
    rig.cancel(serial, action)
    assert rig.phase(serial) == "idle"
    assert rig.ended() == []


def test_hostile_words_do_not_break_the_frame(rig):
    serial = rig.simulated()
    line = CartLine("Tea\n\x1b[31m" + "x" * 5_000, 10**9, 10**11)
    rig.start(serial, kind="set_reader_display", cart=Cart("jpy", (line,) * 10_000, -(10**11)))
    lines = rig.screen(serial).text.split("\n")
    assert len({len(row) for row in lines}) == 1
    assert "\x1b" not in rig.screen(serial).text
    assert len(lines) < 20


def replaceable(rig, serial) -> dict[str, object]:
    return {
        "waiting": lambda: rig.start(serial),
        "tipping": lambda: rig.start(serial, tip=TipOffer(1250, (100,))),
        "cart": lambda: rig.start(serial, kind="set_reader_display", cart=CART),
        "result": lambda: (rig.start(serial), rig.present(serial, "tap", at_once=True)),
        "collected": lambda: (
            rig.start(serial, kind="collect_payment_method"),
            rig.present(serial, "tap"),
            rig.advance(600),
        ),
    }


@pytest.mark.parametrize("phase", ["waiting", "tipping", "cart", "result", "collected"])
def test_an_action_that_has_no_card_in_process_is_replaced(rig, phase):
    serial = rig.simulated()
    replaceable(rig, serial)[phase]()
    assert rig.phase(serial) == phase
    ended = len(rig.ended())
    assert rig.refusal(serial) is None
    action = rig.start(serial, 777)
    assert (rig.phase(serial), rig.screen(serial).amount) == ("waiting", "$7.77")
    rig.present(serial, "tap", at_once=True)
    assert rig.ended()[ended:] == [ActionEnded(action, True)]


def test_a_cart_waits_for_the_slot_to_be_empty(rig):
    serial = rig.simulated("GB")
    rig.start(serial)
    rig.present(serial, "insert", "offline_pin_cvm")
    rig.advance(1200)
    rig.start(serial, kind="set_reader_display", cart=CART)
    rig.advance(3_600_000)
    assert rig.phase(serial) == "remove_card"
    rig.remove_card(serial)
    assert rig.phase(serial) == "cart"


def test_a_reader_with_a_card_in_process_ignores_a_start_that_comes_all_the_same(rig):
    serial = rig.simulated()
    first = rig.start(serial)
    rig.present(serial, "tap")
    rig.start(serial)
    rig.advance(2_000)
    assert rig.ended() == [ActionEnded(first, True)]


# --- a card pulled out ----------------------------------------------------------------------------------------------


def test_a_card_pulled_out_while_the_platform_decides_ends_the_payment(rig):
    serial = rig.simulated()
    rig.answer = lambda request: None
    action = rig.start(serial)
    rig.present(serial, "insert")
    rig.advance(1200 + 900)
    rig.remove_card(serial)
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "card_removed")]
    rig.send(serial, AuthorizationAnswer(action, True))
    assert rig.screen(serial).prompt == "declined"
    assert len(rig.ended()) == 1
    assert rig.refusal(serial) is None


def test_a_card_pulled_out_before_the_platform_is_asked_is_wanted_again(rig):
    serial = rig.simulated()
    rig.start(serial)
    rig.present(serial, "insert")
    rig.advance(1200)
    assert rig.phase(serial) == "authorizing"
    rig.remove_card(serial)
    assert rig.phase(serial) == "waiting"
    assert rig.ended() == []
