"""A reader's local link: who may connect, who owns it, and when that is over (terminal.md §4.1, §4.2)."""

from __future__ import annotations

import threading

import pytest
from tests.pos.conftest import Link, session, token

from countertop.cli.opening import open_bench
from countertop.client import ServerClient
from countertop.errors import ConfigurationError
from countertop.server import LiveServer
from countertop.server.reader_link import DEFAULT_PORT, listen_for_pos

CONNECT, DISCONNECT, QUERY = "activateTerminal", "disconnectTerminal", "queryPaymentMethod"
OTHER = "sk_test_other"
TWELVE_HOURS_MS = 12 * 3_600_000


def owner(bench, serial):
    return bench.transact(lambda tx: bench.devices.owner(tx, serial))


def test_a_session_connects_and_disconnects(bench, link):
    reader = bench.reader(simulated=False)
    key = session(bench)
    answer = link.ask(reader.serial, key, CONNECT)
    assert (answer["serial_number"], answer["reader"]) == (reader.serial, reader.id)
    assert owner(bench, reader.serial) is not None
    assert link.ask(reader.serial, key, DISCONNECT) == {}
    assert owner(bench, reader.serial) is None
    assert link.code(reader.serial, key, DISCONNECT) == "not_connected_to_reader"


def test_simulated_readers_have_a_link_too(bench, link):
    reader = bench.reader()
    assert link.ask(reader.serial, session(bench), CONNECT)["reader"] == reader.id


@pytest.mark.parametrize("key", ["", "pss_test_x", "pst_test_x", "sk_test_counter", "x" * 900, "pss_live_abcdefgh"])
def test_what_is_no_session_key_is_refused(bench, link, key):
    reader = bench.reader()
    for method in (CONNECT, DISCONNECT, QUERY, "noSuchMethod"):
        assert link.code(reader.serial, key, method) == "session_unknown"
    assert owner(bench, reader.serial) is None


def test_a_connection_token_is_no_session_key(bench, link):
    assert link.code(bench.reader().serial, token(bench), CONNECT) == "session_unknown"


def test_a_foreign_session_is_refused(bench, link):
    reader = bench.reader()
    assert link.code(reader.serial, session(bench, OTHER), CONNECT) == "reader_not_yours"
    assert owner(bench, reader.serial) is None


def test_a_session_of_another_location_is_refused(bench, link):
    here, there = bench.reader(), bench.reader()
    place = bench.call("GET", f"/v1/terminal/readers/{here.id}")["location"]
    key = session(bench, location=place)
    assert link.code(there.serial, key, CONNECT) == "reader_not_in_location"
    assert link.code(here.serial, key, CONNECT) == ""


def test_an_expired_session_is_refused_and_the_reader_dropped(bench, link):
    reader = bench.reader(simulated=False)
    key = session(bench)
    bench.advance(hours=11)
    assert link.code(reader.serial, key, CONNECT) == ""
    bench.advance(milliseconds=3_600_000 - 1)
    assert owner(bench, reader.serial) is not None
    bench.advance(milliseconds=1)
    assert owner(bench, reader.serial) is None
    assert link.code(reader.serial, key, QUERY) == "session_expired"
    assert link.code(reader.serial, key, CONNECT) == "session_expired"


def test_the_newcomer_takes_the_reader_over(bench, link):
    reader = bench.reader()
    first, second = session(bench), session(bench)
    assert link.code(reader.serial, first, CONNECT) == ""
    assert link.code(reader.serial, second, CONNECT) == ""
    assert link.code(reader.serial, first, QUERY) == "reader_connected_to_another_device"
    assert link.code(reader.serial, first, DISCONNECT) == "reader_connected_to_another_device"
    assert link.code(reader.serial, second, DISCONNECT) == ""


def test_fail_if_in_use_refuses_in_mid_transaction_only(bench, link):
    reader = bench.reader()
    first, second = session(bench), session(bench)
    assert link.code(reader.serial, first, CONNECT) == ""
    assert link.code(reader.serial, second, CONNECT, {"fail_if_in_use": True}) == ""
    assert link.code(reader.serial, second, DISCONNECT) == ""
    intent = bench.call(
        "POST", "/v1/payment_intents", {"amount": 500, "currency": "usd", "payment_method_types": ["card_present"]}
    )
    bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
    assert link.code(reader.serial, first, CONNECT, {"fail_if_in_use": True}) == "reader_busy"
    assert owner(bench, reader.serial) is None
    assert link.code(reader.serial, first, CONNECT) == ""


def test_a_till_has_one_reader(bench, link):
    one, two = bench.reader(), bench.reader()
    key = session(bench)
    assert link.code(one.serial, key, CONNECT) == ""
    assert link.code(two.serial, key, CONNECT) == ""
    assert owner(bench, one.serial) is None
    assert link.code(one.serial, key, QUERY) == "not_connected_to_reader"
    bench.advance(milliseconds=TWELVE_HOURS_MS)
    assert owner(bench, two.serial) is None


def test_connecting_again_with_the_same_session_changes_nothing(bench, link):
    reader = bench.reader()
    key = session(bench)
    for _ in range(2):
        assert link.code(reader.serial, key, CONNECT, {"fail_if_in_use": True}) == ""
    assert link.code(reader.serial, key, DISCONNECT) == ""


def test_many_tills_at_once_leave_one_owner(bench, control):
    reader = bench.reader()
    keys = [session(bench) for _ in range(8)]
    codes: dict[str, str] = {}

    def work(key):
        with Link(control) as link:
            codes[key] = link.code(reader.serial, key, CONNECT)

    threads = [threading.Thread(target=work, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert set(codes.values()) == {""}
    with Link(control) as link:
        left = [key for key in keys if link.code(reader.serial, key, DISCONNECT) == ""]
    assert len(left) == 1


def test_a_reader_that_is_deleted_or_moved_lets_its_till_go(bench, link):
    reader = bench.reader(simulated=False)
    key = session(bench)
    assert link.code(reader.serial, key, CONNECT) == ""
    bench.call("DELETE", f"/v1/terminal/readers/{reader.id}")
    assert owner(bench, reader.serial) is None
    assert link.code(reader.serial, key, QUERY) == "reader_not_registered"
    code = bench.transact(lambda tx: bench.devices.state(tx, reader.serial).code)
    form = {"display_name": "x", "address": {"country": "GB", "line1": "a", "city": "b", "postal_code": "c"}}
    place = bench.call("POST", "/v1/terminal/locations", form, key=OTHER)["id"]
    bench.call("POST", "/v1/terminal/readers", {"registration_code": code, "location": place}, key=OTHER)
    assert link.code(reader.serial, key, CONNECT) == "reader_not_yours"


def test_a_reader_that_reboots_lets_its_till_go(bench, server, link):
    reader = bench.reader(simulated=False)
    key = session(bench)
    assert link.code(reader.serial, key, CONNECT) == ""
    bench.restore(bench.snapshot())  # readers boot as after a power cut
    with pytest.raises(Exception, match=r"disconnected|closed|reset"):
        link.ask(reader.serial, key, QUERY)  # nobody answers while it boots
    bench.advance(minutes=5)
    assert link.code(reader.serial, key, QUERY) == "not_connected_to_reader"


def test_the_reader_restarts_at_night_and_lets_its_till_go(bench, link):
    reader = bench.reader(simulated=False)
    key = session(bench)
    assert link.code(reader.serial, key, CONNECT) == ""
    bench.advance(hours=11)  # past midnight in San Francisco, where the shop is
    assert link.code(reader.serial, key, QUERY) == "not_connected_to_reader"


def test_a_simulated_reader_lets_its_till_go_at_a_restore_too(bench, link):
    reader = bench.reader()
    key = session(bench)
    assert link.code(reader.serial, key, CONNECT) == ""
    bench.restore(bench.snapshot())
    assert link.code(reader.serial, key, QUERY) == "not_connected_to_reader"


def test_a_reader_without_the_internet_says_so(bench, link):
    reader = bench.reader()
    reader.fault("offline")
    assert link.code(reader.serial, session(bench), CONNECT) == "stripe_api_connection_error"


def test_only_smart_readers_that_exist_answer(bench, link):
    key = session(bench)
    mobile = bench.unbox(model="stripe_m2")
    for serial in ("nothing", mobile):
        answer = link.post(serial, b'{"method":"activateTerminal"}')
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "reader_unknown")
    unregistered = bench.unbox()
    bench.advance(minutes=5)
    assert link.code(unregistered, key, CONNECT) == "reader_not_registered"


def test_an_unknown_command_is_refused(bench, link):
    reader, key = bench.reader(), session(bench)
    assert link.code(reader.serial, key, CONNECT) == ""
    assert link.code(reader.serial, key, "makeCoffee") == "unsupported_operation"


def test_readers_get_their_links_back_when_a_server_starts_again(bench):
    reader, key = bench.reader(), session(bench)
    certificates = []
    for _ in range(2):
        with LiveServer(bench) as live, ServerClient(live.url) as control, Link(control) as link:
            certificates.append(control.certificate())
            assert link.code(reader.serial, key, CONNECT) == ""
    assert certificates[0] == certificates[1]
    assert bench.call("GET", "/v1/terminal/readers", key=key)["data"][0]["base_url"] is None


def test_the_authority_is_kept_with_the_data_and_its_key_in_the_vault_alone(tmp_path):
    certificates = []
    for _ in range(2):
        opened = open_bench(tmp_path / "world.db", "seed", 1.0)
        with opened as bench, LiveServer(bench) as live, ServerClient(live.url) as control:
            certificates.append(control.certificate())
    assert certificates[0] == certificates[1]
    for file in tmp_path.iterdir():
        assert b"PRIVATE KEY" not in file.read_bytes()


def test_the_port_is_the_usual_one_or_free_and_another_only_when_it_is(bench):
    with listen_for_pos(0) as taken, pytest.raises(ConfigurationError, match="--reader-port"):
        listen_for_pos(taken.getsockname()[1])
    with listen_for_pos(None) as first, listen_for_pos(None) as second:
        assert first.getsockname()[0] == second.getsockname()[0] == "127.0.0.1"
        assert second.getsockname()[1] != DEFAULT_PORT
    with pytest.raises(ConfigurationError):
        listen_for_pos(70_000)


def test_the_authority_survives_a_reset(bench, server, control):
    before = control.certificate()
    control.reset()
    assert control.certificate() == before
    assert bench.transact(lambda tx: bench.world.vault.open(tx, "reader_link_authority")).endswith(before.encode())


def test_no_session_key_is_on_the_feed(bench, link):
    items = []
    bench.feed.watch(items.append)
    reader = bench.reader(simulated=False)
    key = session(bench)
    assert link.code(reader.serial, key, CONNECT) == ""
    assert link.code(reader.serial, key, DISCONNECT) == ""
    assert items
    assert key[9:] not in str([item.data for item in items])
