"""Every fault at every moment of a sale: what docs/readers.md says happens, and a reader that is usable afterwards.

The table in the document is the expectation: a cell says what became of the action and of the intent while the fault
lasts, and, behind an arrow, once it is gone.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from countertop.cards import Presentation, find_card
from countertop.errors import ReaderError
from countertop.readers.faults import FAULTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "readers.md"
MOMENTS = ("waiting", "reading", "PIN", "authorizing", "answering", "removing")


def table() -> dict[tuple[str, str], str]:
    """(fault, moment) → what happens, from the document."""
    cells = {}
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| fault | waiting |"))
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        fault, *told = (part.strip() for part in line.strip("|").split("|"))
        cells.update({(fault.strip("`"), moment): says for moment, says in zip(MOMENTS, told, strict=True)})
    return cells


def bring_to(till, moment: str) -> str:
    """A sale at this moment, with a card that fits; returns the intent."""
    intent = till.process()

    def insert(card: str) -> None:
        shown = Presentation("insert", find_card(card))
        till.bench.transact(lambda tx: till.bench.devices.present(tx, till.hands.serial, shown))

    if moment == "reading":
        insert("visa")
    elif moment == "PIN":
        till.hands.insert("offline_pin_cvm")
    elif moment == "authorizing":
        insert("visa")
        till.bench.advance(milliseconds=1_300)
    elif moment == "answering":
        till.hands.insert("visa")
    elif moment == "removing":
        till.hands.insert("visa")
        till.bench.advance(seconds=10)
    wanted = {"answering": "result", "removing": "remove_card", "PIN": "pin"}.get(moment, moment)
    assert till.hands.state == wanted
    return intent


def go_on(till) -> None:
    """What the customer does in any case: present the card, type the PIN, take the card away."""
    hands = till.hands
    for act in (lambda: hands.insert("visa"), lambda: hands.enter_pin("1234")):
        try:
            act()
        except ReaderError:
            continue
    till.bench.advance(minutes=1)


def told(till, intent: str) -> str:
    action = till.action()
    code = f" {action.failure_code}" if action.failure_code else ""
    return f"{action.status}{code}, {till.status(intent)}"


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_cell(open_till, fault, moment):
    till = open_till("GB", simulated=False)
    intent = bring_to(till, moment)
    till.hands.fault(fault)
    go_on(till)
    during = told(till, intent)
    till.hands.fault(fault, False)
    settle(till)
    after = told(till, intent)
    says = re.sub(r"[`*]", "", table()[fault, moment])
    assert says == (during if during == after else f"{during} → {after}")
    # Usable afterwards: whatever is stuck is cancelled, and the next sale goes through.
    till.readers.cancel_action(till.id)
    again = till.process()
    till.hands.tap("visa")
    assert till.status(again) == "succeeded"


def settle(till) -> None:
    """The fault is gone: the card is taken away, and time passes."""
    till.bench.advance(minutes=1)
    try:
        till.hands.remove_card()
    except ReaderError:
        assert not till.bench.transact(lambda tx: till.bench.devices.state(tx, till.hands.serial)).card_in_slot
    till.bench.advance(minutes=1)


def test_the_table_is_whole():
    assert set(table()) == {(fault, moment) for fault in FAULTS for moment in MOMENTS}
