"""Network unplugged, hardware broken, and chips that nobody understands yet."""

from __future__ import annotations

import pytest

from countertop.errors import ReaderError
from countertop.gateway import ActionEnded, AuthorizationAnswer, AuthorizationRequest, Unregistered


class Chip:
    """A card link that counts what was done to it."""

    present = True

    def __init__(self, error: OSError | None = None) -> None:
        self.error = error
        self.calls: list[str] = []

    def power_on(self) -> bytes:
        self.calls.append("power_on")
        if self.error is not None:
            raise self.error
        return b"\x3b\x00"

    def transmit(self, apdu: bytes) -> bytes:
        self.calls.append("transmit")
        return b"\x6d\x00"

    def power_off(self) -> None:
        self.calls.append("power_off")


def test_an_unplugged_reader_refuses_and_says_so_on_its_screen(rig):
    serial = rig.simulated()
    rig.fault(serial, "offline")
    assert rig.refusal(serial) == "terminal_reader_offline"
    assert rig.screen(serial).footer == "No network connection"
    rig.fault(serial, "offline", on=False)
    assert rig.refusal(serial) is None


def test_a_reader_that_loses_its_network_while_authorizing(rig):
    serial = rig.simulated()
    rig.answer = lambda request: None
    action = rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    rig.fault(serial, "offline")
    assert rig.screen(serial).prompt == "declined"
    assert rig.ended() == []
    rig.send(serial, AuthorizationAnswer(action, True))
    assert rig.screen(serial).prompt == "declined"
    rig.fault(serial, "offline", on=False)
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "connection_error")]


def test_a_card_presented_without_a_network_fails_when_the_reader_wants_to_ask(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    rig.fault(serial, "offline")
    rig.present(serial, "tap", at_once=True)
    assert rig.said(AuthorizationRequest) == []
    rig.fault(serial, "offline", on=False)
    assert rig.ended() == [ActionEnded(action, False, "connection_error", "The reader lost its connection.")]


def test_a_cancel_reaches_an_unplugged_reader_later(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    rig.fault(serial, "offline")
    rig.cancel(serial, action)
    assert rig.phase(serial) == "waiting"
    rig.fault(serial, "offline", on=False)
    assert rig.phase(serial) == "idle"


def test_what_was_not_heard_or_said_survives_a_power_cut(rig):
    serial = rig.registered()
    action = rig.start(serial, customer_cancellation=True)
    rig.fault(serial, "offline")
    rig.press(serial, "cancel")
    rig.send(serial, Unregistered())
    rig.restart()
    rig.advance(3000)
    assert rig.phase(serial) == "idle"
    rig.fault(serial, "offline", on=False)
    assert [end.action for end in rig.ended()] == [action]
    assert rig.phase(serial) == "pairing"


def test_an_unplugged_reader_tells_its_code_when_the_network_is_back(rig):
    serial = rig.unbox(at_once=False)
    rig.fault(serial, "offline")
    rig.advance(3000)
    assert rig.phase(serial) == "pairing"
    assert rig.codes() == []
    rig.fault(serial, "offline", on=False)
    assert [shown.code for shown in rig.codes()] == [rig.state(serial).code]


def test_a_broken_reader_dies_without_a_word(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    rig.fault(serial, "hardware_fault")
    assert rig.refusal(serial) == "terminal_reader_hardware_fault"
    assert serial in rig.screen(serial).text
    rig.cancel(serial, action)
    with pytest.raises(ReaderError, match="hardware fault"):
        rig.present(serial, "tap")
    rig.restart()
    assert rig.phase(serial) == "broken"
    rig.fault(serial, "hardware_fault", on=False)
    rig.advance(3000)
    assert rig.phase(serial) == "idle"
    assert rig.ended() == []


def test_a_fault_set_twice_is_one_fault(rig):
    serial = rig.simulated()
    rig.fault(serial, "offline")
    rig.fault(serial, "offline")
    assert rig.state(serial).faults == ("offline",)
    rig.fault(serial, "offline", on=False)
    rig.fault(serial, "offline", on=False)
    assert rig.state(serial).faults == ()


def test_an_unknown_fault_names_the_known_ones(rig):
    serial = rig.simulated()
    with pytest.raises(ReaderError, match="no fault called 'gremlins'") as refusal:
        rig.fault(serial, "gremlins")
    assert refusal.value.hint.startswith("Faults: offline, hardware_fault, tamper,")


@pytest.mark.parametrize("error", [None, OSError("mute")])
def test_a_chip_is_powered_up_and_refused_without_notice_to_the_platform(rig, error):
    serial = rig.simulated()
    action = rig.start(serial)
    chip = Chip(error)
    rig.present(serial, "insert", chip)
    assert chip.calls[0] == "power_on"
    assert "transmit" not in chip.calls
    assert "Card not supported - use a test card" in " ".join(rig.screen(serial).lines)
    assert rig.phase(serial) == "waiting"
    rig.present(serial, "tap", at_once=True)
    assert rig.ended() == [ActionEnded(action, True)]


def test_a_defect_of_a_chip_link_is_not_hidden(rig):
    serial = rig.simulated()
    rig.start(serial)
    chip = Chip()
    chip.power_on = lambda: 1 // 0
    with pytest.raises(ZeroDivisionError):
        rig.present(serial, "insert", chip)
    assert rig.phase(serial) == "waiting"


def test_a_chip_at_a_reader_that_asks_for_nothing_gets_no_power(rig):
    serial = rig.simulated()
    chip = Chip()
    with pytest.raises(ReaderError):
        rig.present(serial, "insert", chip)
    assert chip.calls == []
