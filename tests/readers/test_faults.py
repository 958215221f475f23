"""Network unplugged, hardware broken, and chips that nobody understands yet."""

from __future__ import annotations

import pytest

from countertop.errors import ReaderError
from countertop.gateway import ActionEnded, AuthorizationAnswer, AuthorizationRequest, CardCompleted, Unregistered


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
    (end,) = rig.ended()
    assert (end.action, end.failure_code) == (action, "connection_error")
    assert end.failure_message == "The reader lost its connection."


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


@pytest.mark.parametrize(
    ("error", "says"), [(None, "Card not supported - use another card"), (OSError("mute"), "Chip not read - try again")]
)
def test_a_chip_of_which_nothing_comes_is_refused_without_notice_to_the_platform(rig, error, says):
    serial = rig.simulated()
    action = rig.start(serial)
    chip = Chip(error)
    rig.present(serial, "insert", chip)
    rig.advance(1200)
    assert chip.calls[0] == "power_on"
    assert ("transmit" in chip.calls) == (error is None), "selection is tried"
    assert chip.calls[-1] == "power_off"
    assert says in " ".join(rig.screen(serial).lines)
    rig.remove_card(serial)
    assert rig.phase(serial) == "waiting"
    rig.present(serial, "tap", at_once=True)
    assert [(end.action, end.succeeded) for end in rig.ended()] == [(action, True)]


def test_a_card_link_has_no_stripe(rig):
    serial = rig.simulated()
    rig.start(serial)
    with pytest.raises(ReaderError, match="no magnetic stripe"):
        rig.present(serial, "swipe", Chip())
    assert rig.phase(serial) == "waiting"


def test_a_card_link_over_the_air_is_powered_and_asked_for_its_directory(rig):
    serial = rig.simulated()
    rig.start(serial)
    chip = Chip()
    chip.power_on = lambda: bytes.fromhex("0578807002")
    rig.present(serial, "tap", chip)
    rig.advance(600)
    assert "transmit" in chip.calls
    assert rig.phase(serial) == "waiting"
    assert "insert" in " ".join(rig.screen(serial).lines), "it has no directory for contactless payments"


def test_a_defect_of_a_chip_link_does_not_stop_the_reader(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    chip = Chip()
    chip.power_on = lambda: 1 // 0
    rig.present(serial, "insert", chip)
    rig.advance(1200)
    rig.remove_card(serial)
    rig.present(serial, "tap", at_once=True)
    (end,) = rig.ended()
    assert (end.action, end.succeeded) == (action, True)
    (completed,) = rig.said(CardCompleted)
    assert "ZeroDivisionError" in str(completed.trace)


def test_a_chip_at_a_reader_that_asks_for_nothing_gets_no_power(rig):
    serial = rig.simulated()
    chip = Chip()
    with pytest.raises(ReaderError):
        rig.present(serial, "insert", chip)
    assert chip.calls == []


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ("offline", "terminal_reader_offline"),
        ("hardware_fault", "terminal_reader_hardware_fault"),
        ("tamper", "terminal_reader_hardware_fault"),
        ("timeout", "terminal_reader_timeout"),
        ("busy", "terminal_reader_busy"),
        ("timeout_received", None),
        ("slow", None),
        ("network_lost", None),
        ("card_pulled", None),
        ("battery_low", None),
    ],
)
def test_what_an_idle_reader_refuses_with(rig, fault, refusal):
    serial = rig.simulated()
    rig.fault(serial, fault)
    assert rig.refusal(serial) == refusal


def test_a_command_that_is_lost_is_not_done(rig):
    serial = rig.simulated()
    rig.fault(serial, "timeout")
    rig.start(serial)
    assert rig.phase(serial) == "idle"


def test_a_command_that_arrives_though_its_receipt_is_lost(rig):
    serial = rig.simulated()
    lost = lambda: rig.fleet.lost_receipt(rig.lost_tx(), serial)  # noqa: E731
    assert not lost()
    rig.fault(serial, "timeout_received")
    rig.start(serial)
    assert rig.phase(serial) == "waiting"
    assert lost()
    rig.fault(serial, "offline")
    assert not lost()


def test_open_settings_are_on_the_screen(rig):
    serial = rig.simulated()
    rig.fault(serial, "busy")
    assert rig.screen(serial).title == "Settings"


def test_a_tampered_reader_says_so(rig):
    serial = rig.simulated()
    rig.fault(serial, "tamper")
    assert rig.screen(serial).title == "Tampered"
    rig.fault(serial, "hardware_fault")
    rig.fault(serial, "tamper", on=False)
    assert rig.phase(serial) == "broken"
    rig.fault(serial, "hardware_fault", on=False)
    rig.advance(3_000)
    assert rig.phase(serial) == "idle"


def test_a_slow_reader_takes_five_times_as_long(rig):
    serial = rig.simulated()
    rig.fault(serial, "slow")
    rig.start(serial)
    rig.present(serial, "tap")
    rig.advance(2_999)
    assert rig.phase(serial) == "reading"
    rig.advance(1)
    rig.advance(4_500 - 1)
    assert rig.phase(serial) == "authorizing"
    rig.advance(1)
    rig.advance(14_999)
    assert rig.phase(serial) == "result"
    rig.advance(1)
    assert rig.phase(serial) == "idle"


def test_a_pulled_card_is_wanted_again_once(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    rig.fault(serial, "card_pulled")
    rig.present(serial, "insert")
    rig.advance(1200)
    assert (rig.phase(serial), rig.state(serial).card_in_slot) == ("waiting", False)
    assert "Card removed too early" in rig.screen(serial).text
    assert rig.state(serial).faults == ()
    rig.present(serial, "insert")
    rig.advance(1200 + 900)
    assert rig.ended() == [ActionEnded(action, True)]


@pytest.mark.parametrize("fault", ["card_pulled", "card_pulled_authorizing"])
def test_a_tap_pulls_no_card(rig, fault):
    serial = rig.simulated()
    rig.start(serial)
    rig.fault(serial, fault)
    rig.present(serial, "tap", at_once=True)
    assert rig.ended()[0].succeeded
    assert rig.state(serial).faults == (fault,)


def test_a_reader_that_breaks_while_it_is_off_is_broken_once_it_has_power(rig):
    serial = rig.registered(model="verifone_ux700")
    rig.do(serial, "unplug")
    rig.fault(serial, "hardware_fault")
    assert rig.phase(serial) == "off"
    assert rig.refusal(serial) == "terminal_reader_offline"
    rig.do(serial, "plug")
    rig.advance(3_000)
    assert rig.phase(serial) == "broken"


def test_a_card_pulled_while_the_platform_decides(rig):
    serial = rig.simulated()
    action = rig.start(serial)
    rig.fault(serial, "card_pulled_authorizing")
    rig.present(serial, "insert")
    rig.advance(1200 + 900)
    # The question got through; the answer came too late for the device.
    assert len(rig.said(AuthorizationRequest)) == 1
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "card_removed")]
    assert rig.screen(serial).prompt == "declined"


def test_a_network_that_is_lost_while_authorizing_leaves_the_action_stuck(rig):
    serial = rig.simulated()
    rig.fault(serial, "network_lost")
    assert rig.refusal(serial) is None
    action = rig.start(serial)
    rig.present(serial, "tap")
    rig.advance(600 + 900)
    assert [request.action for request in rig.said(AuthorizationRequest)] == [action]
    assert rig.phase(serial) == "authorizing"
    assert rig.screen(serial).footer == "No network connection"
    assert rig.refusal(serial) == "terminal_reader_offline"
    rig.advance(30_000)
    assert rig.screen(serial).prompt == "declined"
    rig.advance(300_000)
    assert rig.ended() == []
    assert rig.clock.now_ms() - rig.fleet.last_seen_ms(serial) > 300_000
    rig.restart()
    assert rig.refusal(serial) == "terminal_reader_offline"
    rig.fault(serial, "network_lost", on=False)
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "connection_error")]
    assert rig.refusal(serial) is None


def test_a_cancel_of_the_stuck_action_is_heard_and_changes_nothing(rig):
    serial = rig.simulated()
    rig.fault(serial, "network_lost")
    action = rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    rig.cancel(serial, action)
    rig.fault(serial, "network_lost", on=False)
    assert len(rig.ended()) == 1
    rig.advance(3_000)
    assert rig.phase(serial) == "idle"


# --- by the clock -------------------------------------------------------------------------------------------------


def test_a_fault_comes_and_goes_by_the_clock(rig):
    serial = rig.simulated()
    noon = rig.clock.now_ms() + 3_600_000
    rig.do(serial, "plan_fault", "offline", noon, 90_000)
    rig.advance(3_599_999)
    assert rig.refusal(serial) is None
    rig.advance(1)
    assert rig.refusal(serial) == "terminal_reader_offline"
    rig.advance(89_999)
    assert rig.refusal(serial) == "terminal_reader_offline"
    rig.advance(1)
    assert rig.refusal(serial) is None
    assert rig.timers.next_due_ms() is None
    assert rig.state(serial).plan == ()


def test_a_planned_fault_survives_a_restart_of_the_world(rig):
    serial = rig.simulated()
    now = rig.clock.now_ms()
    rig.do(serial, "plan_fault", "offline", now + 10_000, 20_000)
    rig.do(serial, "plan_fault", "tamper", now + 50_000)
    rig.timers.reload(_NoRows())
    rig.clock.advance(15_000)
    rig.restart()
    rig.advance(0)
    assert rig.state(serial).faults == ("offline",)
    rig.advance(15_000)
    assert rig.state(serial).faults == ()
    rig.advance(20_000)
    assert rig.phase(serial) == "broken"


def test_a_planned_fault_survives_a_failed_commit(rig):
    serial = rig.simulated()
    rig.do(serial, "plan_fault", "offline", rig.clock.now_ms() + 10_000, 20_000)
    rig.timers.reload(_NoRows())
    with rig.tx() as tx:
        rig.fleet.requeue(tx)
    rig.advance(10_000)
    assert rig.state(serial).faults == ("offline",)


def test_a_plan_for_now_or_the_past_begins_at_once(rig):
    serial = rig.simulated()
    rig.do(serial, "plan_fault", "offline", rig.clock.now_ms() - 5_000, 10_000)
    assert rig.state(serial).faults == ("offline",)
    rig.advance(5_000)
    assert rig.state(serial).faults == ()


def test_plans_that_make_no_sense(rig):
    serial = rig.simulated()
    now = rig.clock.now_ms()
    with pytest.raises(ReaderError, match="no fault called"):
        rig.do(serial, "plan_fault", "gremlins", now)
    with pytest.raises(ReaderError, match="cannot last 0 ms"):
        rig.do(serial, "plan_fault", "offline", now, 0)
    for n in range(100):
        rig.do(serial, "plan_fault", "slow", now + 1_000 * n, 10)
    with pytest.raises(ReaderError, match="too many planned faults"):
        for n in range(3):
            rig.do(serial, "plan_fault", "slow", now + 200_000 + n, 10)


def test_a_reader_that_is_thrown_away_forgets_its_plans(rig):
    serial = rig.simulated()
    rig.do(serial, "plan_fault", "offline", rig.clock.now_ms() + 10_000)
    with rig.tx() as tx:
        rig.fleet.drop(tx, serial)
    rig.advance(20_000)
    assert rig.fleet.serials(rig.lost_tx()) == []


class _NoRows:
    def each(self, account, kind):
        return iter(())
