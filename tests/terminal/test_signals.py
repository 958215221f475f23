"""The four lights, the tones, and what the reader takes, along whole sales."""

import pytest

OFF, BLINKING, ON = "off", "blinking", "on"
DARK = (OFF, OFF, OFF, OFF)
READY = (ON, OFF, OFF, OFF)
READ = (ON, ON, ON, ON)
EVERYTHING = {"tap", "insert", "swipe"}


@pytest.fixture
def zone(till):
    """Lights, tone, and the ways to present a card now."""

    def now():
        signals = till.hands.signals
        return signals.lights, signals.tone, set(signals.armed)

    return now


def test_idle_and_waiting(till, zone):
    assert zone() == ((BLINKING, OFF, OFF, OFF), None, set())
    till.process()
    assert zone() == (READY, None, EVERYTHING)
    till.readers.cancel_action(till.id)
    assert zone() == ((BLINKING, OFF, OFF, OFF), None, set())


@pytest.mark.parametrize(("card", "tone"), [("visa", "success"), ("charge_declined", "alert")])
def test_results(till, zone, card, tone):
    till.process()
    till.hands.tap(card)
    assert zone() == (DARK, tone, set())


def test_a_single_tap_and_a_pin(open_till):
    till = open_till("AU", simulated=False)
    till.process()
    till.hands.tap("online_pin_cvm")
    assert (till.hands.state, till.hands.signals.lights, till.hands.signals.tone) == ("pin", READ, "success")


def test_only_the_slot_after_a_soft_decline(open_till):
    till = open_till("GB", simulated=False)
    till.process()
    till.hands.tap("offline_pin_sca_retry")
    assert (till.hands.signals.lights, till.hands.signals.armed) == (DARK, ("insert",))


def test_two_cards_in_one_hand(till, zone):
    intent = till.process()
    till.hands.tap("visa", beside=["mastercard"])
    assert "one card" in till.hands.screen.text.lower()
    assert zone() == (READY, "alert", EVERYTHING)
    assert till.charges(intent) == []
    till.hands.tap("visa")
    assert till.status(intent) == "succeeded"


def test_a_card_in_the_slot_lights_nothing(till, zone):
    till.process()
    till.hands.insert("online_pin_cvm")
    assert zone()[0] == DARK


def test_off(till, zone):
    till.hands.fault("offline")
    assert zone()[0][1:] == (OFF, OFF, OFF)


def test_on_the_live_feed_and_in_a_reader_view(till):
    till.process()
    shown = till.hands.signals.document()
    assert shown == {"lights": list(READY), "tone": None, "armed": ["tap", "insert", "swipe"]}
