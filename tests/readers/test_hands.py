"""The hands of ``bench.reader()``: a whole bench, and what the platform made of it."""

from __future__ import annotations

import pytest

from countertop.bench import DEFAULT_KEY, Bench
from countertop.errors import ReaderError


@pytest.fixture
def shop():
    with Bench() as bench:
        yield bench


def start(bench, reader, action, **params):
    return bench.call("POST", f"/v1/terminal/readers/{reader.id}/{action}", params)


def action(bench, reader):
    return bench.call("GET", f"/v1/terminal/readers/{reader.id}")["action"]


def test_a_form_is_filled_in_by_hand(shop):
    reader = shop.reader()
    texts = {"custom_text": {"title": "Your name"}, "toggles": [{"title": "News", "default_value": "disabled"}]}
    choices = {"choices": [{"id": "y", "text": "Yes"}, {"id": "n", "text": "No"}]}
    start(shop, reader, "collect_inputs", inputs=[
        {"type": "text", **texts},
        {"type": "selection", "custom_text": {"title": "A bag?"}, "selection": choices, "required": True},
        {"type": "email", "custom_text": {"title": "Email"}},
    ])  # fmt: skip
    assert reader.screen.prompt == "form"
    reader.toggle(0)
    reader.enter("Jenny")
    reader.press("choice_2")
    reader.skip()
    done = action(shop, reader)
    assert done["status"] == "succeeded"
    inputs = done["collect_inputs"]["inputs"]
    assert (inputs[0]["text"]["value"], inputs[0]["toggles"][0]["value"]) == ("Jenny", "enabled")
    assert (inputs[1]["selection"]["id"], inputs[2]["skipped"]) == ("n", True)


def test_tip_and_network_are_chosen_by_hand():
    with Bench(accounts={DEFAULT_KEY: "AU"}) as bench:
        reader = bench.reader()
        tips = {"aud": {"percentages": [10, 15, 20]}}
        location = bench.call("GET", f"/v1/terminal/readers/{reader.id}")["location"]
        made = bench.call("POST", "/v1/terminal/configurations", {"tipping": tips})
        bench.call("POST", f"/v1/terminal/locations/{location}", {"configuration_overrides": made["id"]})
        intent = bench.call("POST", "/v1/payment_intents", {
            "amount": 2000, "currency": "aud", "payment_method_types": ["card_present"],
        })  # fmt: skip
        start(bench, reader, "process_payment_intent", payment_intent=intent["id"])
        assert reader.screen.captions[1] == "15% A$3.00"
        reader.press("tip_2")
        reader.insert("eftpos_au_visa_debit")
        assert reader.screen.prompt == "choose"
        reader.choose("eftpos_au")
        paid = bench.call("GET", f"/v1/payment_intents/{intent['id']}", {"expand": ["latest_charge"]})
        assert (paid["status"], paid["amount"], paid["amount_details"]["tip"]["amount"]) == ("succeeded", 2300, 300)
        assert paid["latest_charge"]["payment_method_details"]["card_present"]["network"] == "eftpos_au"


def test_a_reader_is_plugged_and_unplugged_and_installs_software(shop):
    reader = shop.reader(simulated=False)
    assert (reader.battery.percent, reader.battery.status, reader.battery.charging) == (100, "nominal", True)
    reader.unplug()
    shop.advance(hours=5)
    assert reader.battery.percent == 38
    with pytest.raises(ReaderError, match="battery is at 38 %"):
        reader.install("2.43.0.0")
    reader.plug()
    shop.advance(hours=2)
    reader.install("2.43.0.0")
    assert reader.state == "updating"
    shop.advance(minutes=4)
    assert shop.transact(lambda tx: shop.devices.describe(tx, reader.serial)).software == "2.43.0.0"


def test_a_fault_by_the_clock_is_seen_by_the_api(shop):
    reader = shop.reader()
    noon = shop.clock.now_ms() + 60_000
    reader.fault_at("offline", noon, 300_000)
    shop.advance(minutes=4)
    assert shop.call("GET", f"/v1/terminal/readers/{reader.id}")["status"] == "offline"
    shop.advance(minutes=3)
    assert shop.call("GET", f"/v1/terminal/readers/{reader.id}")["status"] == "online"


def test_what_is_not_on_the_screen_is_refused(shop):
    reader = shop.reader()
    for hand in (lambda: reader.choose_tip(100), lambda: reader.choose("visa"), lambda: reader.enter("x"),
                 reader.skip, lambda: reader.toggle(0), reader.plug, lambda: reader.press("no_tip")):  # fmt: skip
        with pytest.raises(ReaderError) as refusal:
            hand()
        assert refusal.value.hint
    assert reader.state == "idle"
