"""The issuer of the test cards, asked about real chips: cryptogram, counter, PIN, scripts, and the network's stand-in."""

import pytest

from countertop.emv.tlv import find
from countertop.errors import ConfigurationError


@pytest.fixture
def till(bench):
    """A reader in the country of the online PIN card, and a way to pay."""
    bench.configure_account("sk_test_counter", country="AU")
    reader = bench.reader()

    def pay(card="visa", pin=None, amount=1250, faults=()):
        params = {"amount": amount, "currency": "aud", "payment_method_types": ["card_present"]}
        intent = bench.call("POST", "/v1/payment_intents", params)
        bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
        reader.insert(card, faults)
        if reader.state == "pin":
            reader.enter_pin(pin or "1234")
        done = bench.call("GET", f"/v1/payment_intents/{intent['id']}")
        if bench.transact(lambda tx: bench.devices.state(tx, reader.serial)).card_in_slot:
            reader.remove_card()
        bench.advance(seconds=10)
        return done

    pay.reader = reader
    return pay


def checks(bench) -> dict[str, str]:
    return {
        entry["name"].removeprefix("issuer: "): entry["result"]
        for entry in bench.trace()["entries"]
        if entry["kind"] == "decision" and entry["name"].startswith("issuer: ")
    }


def decline_of(intent) -> str | None:
    error = intent["last_payment_error"]
    return None if error is None else error["decline_code"]


def response_code(bench) -> str:
    host = [entry for entry in bench.trace()["entries"] if entry["kind"] == "host"]
    return next(value for name, value in host[-1]["fields"].items() if name.startswith("39 "))


def test_a_good_chip(bench, till):
    assert till()["status"] == "succeeded"
    assert checks(bench) == {"cryptogram": "ok", "transaction counter": "ok"}


def test_a_wrong_cryptogram(bench, till):
    assert decline_of(till(faults=["wrong_arqc"])) == "generic_decline"
    assert (checks(bench), response_code(bench)) == ({"cryptogram": "wrong"}, "82")
    assert till()["status"] == "succeeded", "the next one is good"


def test_a_replayed_counter(bench, till):
    till()
    assert decline_of(till(faults=["replayed_atc"])) == "generic_decline"
    assert checks(bench) == {"cryptogram": "ok", "transaction counter": "replayed"}
    assert response_code(bench) == "94"


def test_the_card_believes_its_issuer_in_a_decline_too(bench, till):
    till("charge_declined")
    trace = bench.trace()
    (second,) = [entry["response"] for entry in trace["entries"] if entry["name"] == "GENERATE AC (2nd)"]
    cvr = find(bytes.fromhex(second[:-4]), 0x9F10) or bytes.fromhex(second)[-7:]
    assert not cvr[4] & 0x08, "issuer authentication did not fail"


def test_online_pins(bench, till):
    assert till("online_pin_cvm")["status"] == "succeeded"
    assert checks(bench)["PIN"] == "ok"
    for expected in ("incorrect_pin", "incorrect_pin", "pin_try_exceeded", "pin_try_exceeded"):
        assert decline_of(till("online_pin_cvm", pin="9999")) == expected
    assert decline_of(till("online_pin_cvm")) == "pin_try_exceeded", "right, and too late"
    bench.issuer_script("online_pin_cvm", "unblock_pin")
    assert till("online_pin_cvm")["status"] == "succeeded"


def test_a_right_pin_forgives_the_wrong_ones(till):
    for _ in range(3):
        assert decline_of(till("online_pin_cvm", pin="9999")) == "incorrect_pin"
        assert till("online_pin_cvm")["status"] == "succeeded"


def test_a_script_changes_the_pin(bench, till):
    bench.issuer_script("offline_pin_cvm", "change_pin", pin="975310")
    first = till("offline_pin_cvm")
    assert first is not None
    names = [entry["name"] for entry in bench.trace()["entries"]]
    assert "script command 1" in names
    assert "advice" in names, "the issuer hears what became of it"
    second = till("offline_pin_cvm", pin="975310")
    assert "offline PIN" not in {entry["name"] for entry in bench.trace()["entries"] if entry.get("result") == "wrong"}
    assert second is not None


@pytest.mark.parametrize("script", ["block_application", "block_card"])
def test_a_script_blocks_the_card(bench, till, script):
    bench.issuer_script("visa", script)
    assert till()["status"] == "succeeded", "the script runs after the last word"
    assert till()["status"] == "requires_payment_method"
    assert till.reader.state == "waiting"


def test_scripts_that_there_are_not(bench):
    with pytest.raises(ConfigurationError, match="no script"):
        bench.issuer_script("visa", "make_rich")
    with pytest.raises(ConfigurationError, match="goes with change_pin"):
        bench.issuer_script("visa", "change_pin")
    with pytest.raises(ConfigurationError, match="4 to 12"):
        bench.issuer_script("visa", "change_pin", pin="12")


def test_the_network_stands_in(bench, till):
    bench.issuer_down()
    assert till(amount=5_000)["status"] == "succeeded"
    assert "stand-in" in str(bench.trace()["entries"])
    assert decline_of(till(amount=5_010)) == "issuer_not_available"
    assert response_code(bench) == "91"
    bench.issuer_down(False)
    assert till(amount=5_010)["status"] == "succeeded"


def test_the_host_is_told_what_was_decided_in_its_stead(bench, till):
    bench.issuer_down()
    till(amount=2_000)
    count = bench.transact(lambda tx: len(list(tx.each("", "_host_advice"))))
    assert count == 2, "the authorization, and its capture"
    bench.issuer_down(False)
    assert bench.transact(lambda tx: len(list(tx.each("", "_host_advice")))) == 0


def test_a_host_that_there_is_not(bench):
    with pytest.raises(ConfigurationError, match="no host"):
        bench.issuer_down(host="acme")
