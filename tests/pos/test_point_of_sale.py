"""A till from discovery to disconnection, over HTTP and the reader's link, with a customer in front of the reader."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.pos.conftest import token

from countertop.bench import CallFailed
from countertop.pos import PointOfSale, PosError

CART = {
    "currency": "usd",
    "line_items": [{"description": "Tea", "quantity": 2, "amount": 500}],
    "tax": 50,
    "total": 550,
}
OTHER_MODE = "another integration mode"


def intent(bench, amount=1000, **more):
    params = {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"], **more}
    return bench.call("POST", "/v1/payment_intents", params)["id"]


def look(bench, kind, name):
    return bench.call("GET", f"/v1/{kind}/{name}")


def until(bench, reader, state):
    """Wait until the reader got what another thread sent it."""
    for _ in range(20_000):
        if reader.state == state:
            return
    raise AssertionError(f"the reader is {reader.state}, not {state}")


@pytest.fixture
def counter(bench, till):
    """(till, reader): connected to each other."""
    reader = bench.reader()
    pos = till()
    (found,) = pos.discover()
    pos.connect(found)
    return pos, reader


@pytest.fixture
def meanwhile():
    """Runs something in another thread; returns its future."""
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit


def collected(bench, counter, meanwhile, name, card="visa", **config):
    pos, reader = counter
    waiting = meanwhile(pos.collect, name, **config)
    until(bench, reader, "waiting")
    reader.tap(card)
    return waiting.result(10)


def confirmed(bench, counter, meanwhile, name):
    waiting = meanwhile(counter[0].confirm, name)
    for _ in range(10_000):
        if waiting.done():
            break
        bench.advance(milliseconds=10)
    return waiting.result(10)


def test_a_whole_sale(bench, counter, meanwhile):
    pos, reader = counter
    name = intent(bench)
    inbox = bench.inbox(
        "terminal.reader.action_succeeded", "terminal.reader.action_updated", "payment_intent.succeeded"
    )
    answer = collected(bench, counter, meanwhile, name)
    assert (answer["status"], answer["payment_intent"]["status"]) == ("succeeded", "requires_confirmation")
    assert answer["payment_method"].startswith("pm_")
    answer = confirmed(bench, counter, meanwhile, name)
    assert (answer["payment_intent"]["id"], answer["payment_intent"]["status"]) == (name, "succeeded")
    assert look(bench, "terminal/readers", reader.id)["action"] is None
    assert [received.event["type"] for received in inbox.received] == ["payment_intent.succeeded"]
    pos.disconnect()
    assert pos.reader is None


def test_a_decline_has_the_sdks_name_and_the_issuers_reason(bench, counter, meanwhile):
    name = intent(bench, 1001)  # ends in 01: call issuer
    collected(bench, counter, meanwhile, name)
    with pytest.raises(PosError) as caught:
        confirmed(bench, counter, meanwhile, name)
    assert (caught.value.code, caught.value.decline_code) == ("DECLINED_BY_STRIPE_API", "call_issuer")
    assert look(bench, "payment_intents", name)["status"] == "requires_payment_method"


def test_an_intent_is_named_by_its_client_secret_too(bench, counter, meanwhile):
    name = intent(bench)
    secret = look(bench, "payment_intents", name)["client_secret"]
    assert collected(bench, counter, meanwhile, secret)["payment_intent"]["id"] == name
    with pytest.raises(PosError) as caught:
        counter[0].confirm(name + "_secret_wrong")
    assert caught.value.code == "INVALID_CLIENT_SECRET"


def test_the_till_cancels_what_it_waits_for(bench, counter, meanwhile):
    pos, reader = counter
    waiting = meanwhile(pos.collect, intent(bench))
    until(bench, reader, "waiting")
    pos.cancel()
    with pytest.raises(PosError, match="cancel") as caught:
        waiting.result(10)
    assert caught.value.code == "CANCELED"
    assert reader.state == "idle"
    with pytest.raises(PosError) as caught:
        pos.cancel()
    assert caught.value.code == "CANCEL_FAILED"


def test_the_customer_cancels(bench, counter, meanwhile):
    pos, reader = counter
    waiting = meanwhile(pos.collect, intent(bench), enable_customer_cancellation=True)
    until(bench, reader, "waiting")
    reader.press("cancel")
    with pytest.raises(PosError) as caught:
        waiting.result(10)
    assert caught.value.code == "CANCELED"


def test_a_second_collection_replaces_the_first(bench, counter, meanwhile):
    pos, reader = counter
    waiting = meanwhile(pos.collect, intent(bench))
    until(bench, reader, "waiting")
    second = intent(bench, 2000)
    again = meanwhile(pos.collect, second)
    for _ in range(20_000):
        if "20.00" in reader.screen.text:
            break
    reader.tap("visa")
    assert again.result(10)["payment_intent"]["id"] == second
    # The first asks for the outcome of the session, as SDKs do: it learns of the second.
    assert waiting.result(10)["payment_intent"]["id"] == second


def test_a_cart_is_shown_and_taken_off(bench, counter):
    pos, reader = counter
    pos.set_display(CART)
    assert "Tea" in reader.screen.text
    assert look(bench, "terminal/readers", reader.id)["action"] is None
    pos.clear_display()
    assert "Tea" not in reader.screen.text
    pos.clear_display()


def test_parameters_have_the_rules_of_the_api(bench, counter):
    pos, _ = counter
    with pytest.raises(PosError, match="Invalid integer"):
        pos.set_display(CART | {"total": "much"})
    with pytest.raises(PosError) as caught:
        pos.collect("pi_none")
    assert (caught.value.code, caught.value.message) == ("STRIPE_API_ERROR", "No such payment_intent: 'pi_none'")
    with pytest.raises(PosError):
        pos.set_display(CART | {"line_items": [CART["line_items"][0]] * 3_000})


def test_nothing_is_confirmed_that_was_not_collected(bench, counter):
    with pytest.raises(PosError) as caught:
        counter[0].confirm(intent(bench))
    assert caught.value.code == "CONFIRM_INVALID_PAYMENT_INTENT"


@pytest.mark.parametrize(
    ("call", "form"),
    [
        ("process_payment_intent", {}),
        ("collect_payment_method", {}),
        ("set_reader_display", {"type": "cart", "cart": CART}),
        ("cancel_action", {}),
    ],
)
def test_a_servers_calls_are_refused_while_a_till_owns_the_reader(bench, counter, call, form):
    pos, reader = counter
    path = f"/v1/terminal/readers/{reader.id}/{call}"
    sent = form or ({} if call == "cancel_action" else {"payment_intent": intent(bench)})
    with pytest.raises(CallFailed) as caught:
        bench.call("POST", path, sent)
    assert (caught.value.status, caught.value.error["type"]) == (400, "invalid_request_error")
    assert "code" not in caught.value.error
    assert OTHER_MODE in caught.value.error["message"]
    pos.disconnect()
    assert bench.call("POST", path, sent)["id"] == reader.id


def test_taking_over_ends_what_the_old_till_waits_for(bench, counter, till, meanwhile):
    pos, reader = counter
    name = intent(bench)
    waiting = meanwhile(pos.collect, name)
    until(bench, reader, "waiting")
    newcomer = till()
    (found,) = newcomer.discover()
    with pytest.raises(PosError) as caught:
        newcomer.connect(found, fail_if_in_use=True)
    assert caught.value.code == "READER_BUSY"
    newcomer.connect(found)
    with pytest.raises(PosError) as caught:
        waiting.result(10)
    assert caught.value.code == "READER_CONNECTED_TO_ANOTHER_DEVICE"
    assert pos.reader is None
    assert reader.state == "idle"
    assert look(bench, "payment_intents", name)["status"] == "requires_payment_method"


def test_a_card_that_is_being_charged_is_charged_whoever_takes_over(bench, counter, till, meanwhile):
    pos, reader = counter
    name = intent(bench)
    collected(bench, counter, meanwhile, name)
    waiting = meanwhile(pos.confirm, name)
    until(bench, reader, "authorizing")
    newcomer = till()
    (found,) = newcomer.discover()
    with pytest.raises(PosError) as caught:
        newcomer.connect(found, fail_if_in_use=True)
    assert caught.value.code == "READER_BUSY"
    newcomer.connect(found)
    with pytest.raises(PosError) as caught:
        waiting.result(10)
    assert caught.value.code == "READER_CONNECTED_TO_ANOTHER_DEVICE"
    with pytest.raises(PosError) as caught:
        newcomer.collect(intent(bench))
    assert caught.value.code == "READER_BUSY"
    bench.advance(seconds=20)
    assert look(bench, "payment_intents", name)["status"] == "succeeded"
    assert collected(bench, (newcomer, reader), meanwhile, intent(bench))["status"] == "succeeded"


def test_a_reader_that_restarts_in_mid_collection_starts_afresh(bench, till, meanwhile):
    reader = bench.reader(simulated=False)
    pos = till()
    pos.connect(pos.discover()[0])
    waiting = meanwhile(pos.collect, intent(bench))
    until(bench, reader, "waiting")
    bench.advance(hours=11)  # it restarts at midnight in San Francisco
    with pytest.raises(PosError) as caught:
        waiting.result(10)
    assert caught.value.code in ("NOT_CONNECTED_TO_READER", "CARD_READ_TIMED_OUT")
    newcomer = till()
    newcomer.connect(newcomer.discover()[0])
    assert collected(bench, (newcomer, reader), meanwhile, intent(bench))["status"] == "succeeded"


def test_disconnecting_ends_what_is_waited_for(bench, counter, meanwhile):
    pos, reader = counter
    waiting = meanwhile(pos.collect, intent(bench))
    until(bench, reader, "waiting")
    pos.disconnect()
    with pytest.raises(PosError) as caught:
        waiting.result(10)
    assert caught.value.code == "NOT_CONNECTED_TO_READER"
    assert reader.state == "idle"


def test_a_till_that_connects_ends_what_a_server_waits_for(bench, till):
    reader, name = bench.reader(), intent(bench)
    bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": name})
    pos = till()
    pos.connect(pos.discover()[0])
    assert look(bench, "terminal/readers", reader.id)["action"] is None
    assert reader.state == "idle"


def test_the_session_ends_in_the_middle_of_a_collection(bench, counter, meanwhile):
    pos, reader = counter
    bench.advance(hours=11, minutes=59)
    waiting = meanwhile(pos.collect, intent(bench))
    until(bench, reader, "waiting")
    bench.advance(minutes=1)
    with pytest.raises(PosError) as caught:
        waiting.result(10)
    assert caught.value.code == "SESSION_EXPIRED"
    assert reader.state == "idle"
    assert bench.transact(lambda tx: list(tx.each("", "_pos_outcome"))) == []


def test_scope_and_account_limit_what_is_discovered(bench, till):
    here, there = bench.reader(), bench.reader()
    place = look(bench, "terminal/readers", here.id)["location"]
    assert {found["id"] for found in till().discover()} == {here.id, there.id}
    assert {found["id"] for found in till().discover(place)} == {here.id}
    assert {found["id"] for found in till(location=place).discover()} == {here.id}
    assert till("sk_test_other").discover() == []


def test_mobile_readers_are_not_found_on_the_network(bench, till):
    serial = bench.unbox(model="stripe_m2")
    place = look(bench, "terminal/readers", bench.reader().id)["location"]
    form = {
        "pos_device_id": "phone",
        "device_type": "stripe_m2",
        "device_serial_number": serial,
        "register_to_location": place,
    }
    bench.call("POST", "/v1/terminal/connection_tokens/activate", form, key=token(bench))
    assert [found["device_type"] for found in till().discover()] == ["simulated_wisepos_e"]


def test_connecting_to_another_reader_after_disconnecting(bench, till):
    bench.reader(), bench.reader()
    pos = till()
    one, two = pos.discover()
    pos.connect(one)
    with pytest.raises(PosError) as caught:
        pos.connect(two)
    assert caught.value.code == "ALREADY_CONNECTED_TO_READER"
    pos.disconnect()
    assert pos.connect(two)["reader"] == two["id"]


def test_a_used_token_is_an_error_of_the_api(bench, server):
    bench.reader()
    secret = token(bench)
    with PointOfSale(server.url, lambda: secret) as pos:
        (found,) = pos.discover()
        pos.connect(found)
        pos.disconnect()
        with pytest.raises(PosError, match="already been redeemed") as caught:
            pos.connect(found)
    assert caught.value.code == "STRIPE_API_ERROR"


def test_what_fails_outside_has_the_sdks_names(bench, server):
    def broken() -> str:
        raise OSError("the shop's server is down")

    reader = bench.reader()
    with PointOfSale(server.url, broken) as pos:
        with pytest.raises(PosError) as caught:
            pos.discover()
        assert caught.value.code == "CONNECTION_TOKEN_PROVIDER_ERROR"
        with pytest.raises(PosError) as caught:
            pos.confirm("pi_x")
        assert caught.value.code == "NOT_CONNECTED_TO_READER"
    with PointOfSale("http://127.0.0.1:9", lambda: "pst_test_x") as pos:
        with pytest.raises(PosError) as caught:
            pos.discover()
        assert caught.value.code == "STRIPE_API_CONNECTION_ERROR"
    with PointOfSale(server.url, lambda: token(bench)) as pos:
        (found,) = pos.discover()
        gone = found | {"base_url": found["base_url"].replace(reader.serial, "gone")}
        with pytest.raises(PosError) as caught:
            pos.connect(gone)
        assert caught.value.code == "READER_COMMUNICATION_ERROR"


def test_no_secret_is_on_the_feed_of_a_sale(bench, server, meanwhile):
    items = []
    bench.feed.watch(items.append)
    reader = bench.reader()
    secrets = []

    def fetch():
        secrets.append(token(bench))
        return secrets[-1]

    with PointOfSale(server.url, fetch, poll_every_s=0.005) as pos:
        pos.connect(pos.discover()[0])
        collected(bench, (pos, reader), meanwhile, intent(bench))
    told = str([item.data for item in items])
    assert len(secrets) == 2
    assert "generate_pos_rpc_session" in told
    assert not [secret for secret in secrets if secret[9:] in told]
    assert not re.search(r"ps[st]_test_\w", told)


def test_nobody_else_pays_with_a_card_that_a_till_collected(bench, counter, till, meanwhile):
    _, reader = counter
    name = intent(bench)
    collected(bench, counter, meanwhile, name)
    newcomer = till()
    newcomer.connect(newcomer.discover()[0])
    assert reader.state == "idle"
    with pytest.raises(PosError):
        newcomer.confirm(name)
    newcomer.disconnect()
    with pytest.raises(CallFailed) as caught:
        bench.call("POST", f"/v1/terminal/readers/{reader.id}/confirm_payment_intent", {"payment_intent": name})
    assert caught.value.error["code"] == "intent_invalid_state"
    bench.advance(minutes=1)
    assert look(bench, "payment_intents", name)["status"] == "requires_payment_method"
    assert bench.call("GET", "/v1/charges")["data"] == []


def test_a_collected_card_is_cancelled_by_its_till(bench, counter, meanwhile):
    pos, reader = counter
    collected(bench, counter, meanwhile, intent(bench))
    pos.cancel()
    assert reader.state == "idle"


def test_an_expired_token_finds_no_readers(bench, api):
    secret = token(bench)
    bench.reader()
    assert len(api.get("/v1/terminal/readers", key=secret).body["data"]) == 1
    bench.advance(minutes=6)
    answer = api.get("/v1/terminal/readers", key=secret)
    assert (answer.status, "expired" in answer.error["message"]) == (400, True)
