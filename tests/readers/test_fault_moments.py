"""Every fault at every moment of a sale: it comes, it goes, and the reader is usable afterwards.

What happens to the action is derived from terminal.md 2.3, 2.4 and 6; docs/readers.md shows the same table.
"""

from __future__ import annotations

import pytest

from countertop.errors import ReaderError
from countertop.gateway import ActionEnded, AuthorizationAnswer, TipOffer
from countertop.readers.faults import FAULTS

# How the action of the sale ends when the customer goes on after the fault went: approved, the failure code of the
# device, or None when nobody is ever told (the action is stuck until it is called off).
MOMENTS = ("waiting", "tipping", "reading", "pin", "authorizing", "answering", "result", "remove_card")
DIES = dict.fromkeys(MOMENTS) | {"result": "approved", "remove_card": "approved"}
APPROVED = dict.fromkeys(MOMENTS, "approved")
ENDS: dict[str, dict[str, str | None]] = {
    "offline": APPROVED | {"answering": "connection_error"},
    "hardware_fault": DIES,
    "tamper": DIES,
    "timeout": APPROVED,
    "busy": APPROVED,
    "timeout_received": APPROVED,
    "slow": APPROVED,
    "network_lost": APPROVED | {"answering": "connection_error"},
    "card_pulled": APPROVED,
    "card_pulled_authorizing": APPROVED,
    "battery_low": APPROVED,
}


def test_the_table_knows_every_fault():
    assert set(ENDS) == set(FAULTS)
    assert all(fault.says for fault in FAULTS.values())


def reach(rig, moment: str) -> tuple[str, str]:
    """A sale that has come to this moment: serial and action."""
    serial = rig.simulated("GB")
    if moment == "answering":
        rig.answer = lambda request: None
    action = rig.start(serial, tip=TipOffer(1250, (100,)) if moment == "tipping" else None)
    if moment in ("waiting", "tipping"):
        return serial, action
    rig.present(serial, "insert", "offline_pin_cvm")
    if moment != "reading":
        rig.advance(1200)
    if moment in ("authorizing", "answering", "result", "remove_card"):
        rig.enter_pin(serial, "1234")
        rig.advance(400)
    if moment in ("answering", "result", "remove_card"):
        rig.advance(900)
    if moment == "remove_card":
        rig.advance(3_000)
    assert rig.phase(serial) == ("authorizing" if moment == "answering" else moment)
    return serial, action


def go_on(rig, serial: str, action: str) -> None:
    """What customer and platform would do, until the reader rests."""
    rig.answer = lambda request: AuthorizationAnswer(request.action, True)
    for _ in range(30):
        state = rig.state(serial)
        match state.phase:
            case "tipping":
                rig.press(serial, "no_tip")
            case "waiting":
                rig.present(serial, "insert", "offline_pin_cvm")
            case "pin" if not state.sale.pin_digits:
                rig.enter_pin(serial, "1234")
            case "authorizing" if state.sale.asked and not state.cut:
                rig.send(serial, AuthorizationAnswer(action, True))
            case "remove_card":
                rig.remove_card(serial)
            case "idle":
                return
            case _:
                rig.advance(3_000)


def outcome(rig, action: str) -> str | None:
    ends = [end for end in rig.ended() if end.action == action]
    assert len(ends) <= 1
    return None if not ends else "approved" if ends[0].succeeded else ends[0].failure_code


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_that_comes_and_goes(rig, fault, moment):
    serial, action = reach(rig, moment)
    rig.fault(serial, fault)
    rig.fault(serial, fault, on=False)
    go_on(rig, serial, action)
    assert outcome(rig, action) == ENDS[fault][moment]
    usable(rig, serial)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_that_stays_for_five_minutes(rig, fault, moment):
    serial, action = reach(rig, moment)
    rig.fault(serial, fault)
    for _ in range(100):
        step(rig, serial)
        rig.advance(3_000)
    rig.fault(serial, fault, on=False)
    go_on(rig, serial, action)
    assert rig.phase(serial) == "idle"
    if fault in ("hardware_fault", "tamper"):
        assert outcome(rig, action) == ENDS[fault][moment]
    elif fault in ("offline", "network_lost") and moment not in ("result", "remove_card"):
        assert outcome(rig, action) == "connection_error"
    elif fault == "card_pulled_authorizing" and moment not in ("answering", "result", "remove_card"):
        assert outcome(rig, action) == "card_removed"
    elif moment != "answering":
        assert outcome(rig, action) == "approved"
    usable(rig, serial)


def step(rig, serial: str) -> None:
    """The customer, who does not see the fault, goes on with what the screen asks for."""
    try:
        match rig.screen(serial).prompt:
            case "tip":
                rig.press(serial, "no_tip")
            case "card" | "insert":
                rig.present(serial, "insert", "offline_pin_cvm")
            case "pin":
                rig.enter_pin(serial, "1234")
            case "remove":
                rig.remove_card(serial)
    except ReaderError as refusal:
        assert refusal.hint


def usable(rig, serial: str) -> None:
    assert rig.phase(serial) == "idle"
    assert rig.refusal(serial) is None
    assert rig.state(serial).faults == ()
    action = rig.start(serial, 500)
    rig.present(serial, "tap", at_once=True)
    assert rig.ended()[-1] == ActionEnded(action, True)
