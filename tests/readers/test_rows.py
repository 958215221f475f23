"""A device's state survives its row, whatever it is doing; and rows of earlier versions are read."""

from __future__ import annotations

import orjson

from countertop.gateway import Cart, CartLine, InputChoice, InputField, InputToggle, TipOffer
from countertop.readers.rows import from_row, to_row


def again(state):
    return from_row(orjson.loads(orjson.dumps(to_row(state))))


def test_every_kind_of_action_survives_its_row(rig):
    serial = rig.simulated("AU")
    fields = (
        InputField("selection", "Bag?", choices=(InputChoice("y", "Yes"),), toggles=(InputToggle("News", None, True),)),
        InputField("text", "Name"),
    )
    rig.start(serial, kind="collect_inputs", inputs=fields)
    rig.do(serial, "enter", "y")
    state = rig.state(serial)
    assert state.sale.form.results[0].toggles == (True,)
    assert again(state) == state
    rig.start(serial, kind="set_reader_display", cart=Cart("aud", (CartLine("Tea", 1, 300),), 300, 27))
    assert again(rig.state(serial)) == rig.state(serial)
    rig.start(serial, tip=TipOffer(1250, (100, 200), (8, 16)), choice_networks=("eftpos_au",))
    assert again(rig.state(serial)) == rig.state(serial)
    rig.press(serial, "no_tip")
    rig.present(serial, "insert", "eftpos_au_visa_debit")
    assert again(rig.state(serial)) == rig.state(serial)
    rig.do(serial, "plan_fault", "offline", rig.clock.now_ms() + 1, 1)
    assert again(rig.state(serial)) == rig.state(serial)


def test_a_row_of_the_first_version_is_read(rig):
    serial = rig.simulated()
    rig.start(serial)
    rig.present(serial, "insert")
    row = to_row(rig.state(serial))
    for name in ("cut", "plan", "pos", "software", "plugged", "charge", "charge_at_ms", "booted_ms", "restart_pending"):
        del row[name]
    for name in ("timeout_ms", "offer", "tip", "choice_networks", "cart", "form"):
        del row["sale"][name]
    del row["sale"]["card"]["networks"], row["sale"]["card"]["network"]
    state = from_row(row)
    assert (state.phase, state.sale.total, state.sale.card.networks) == ("reading", 1250, ())
    assert (state.plugged, state.charge) == (True, 100.0)
