"""Connection tokens over HTTP: redeemed once, soon, by whoever has them, for what they are good for (terminal.md §4.1)."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from countertop.bench import Bench, CallFailed

GENERATE = "/v1/terminal/connection_tokens/generate_pos_rpc_session"
ACTIVATE = "/v1/terminal/connection_tokens/activate"
READERS = "/v1/terminal/readers"
TILL = "pos_device_id=till-1&pos_device_info[device_class]=POS&pos_version_info[client_type]=JS_SDK"
OTHER = "sk_test_other"


def location(api, **options):
    form = "display_name=Shop&address[country]=US&address[line1]=a&address[city]=b&address[state]=CA&address[postal_code]=c"
    return api.post("/v1/terminal/locations", form, **options).body["id"]


def reader(api, place, code="simulated-wpe", **options):
    made = api.post(READERS, f"registration_code={code}&location={place}", **options)
    assert made.status == 200, made.body
    return made.body


def token(api, form="", **options):
    return api.post("/v1/terminal/connection_tokens", form, **options).body["secret"]


def redeemed(api, secret):
    answer = api.post(GENERATE, TILL, key=secret)
    assert answer.status == 200, answer.body
    return answer.body["sdk_rpc_session_token"]


def activation(serial, place="", kind="stripe_m2"):
    to = f"&register_to_location={place}" if place else ""
    return f"{TILL}&device_type={kind}&device_serial_number={quote(serial)}&reader[bbpos]=x{to}"


def seen(api, key, form=""):
    answer = api.get(READERS, form, key=key)
    assert answer.status == 200, answer.body
    return {found["id"] for found in answer.body["data"]}


def test_session_key_has_the_shape_of_a_token_and_names_the_account(api):
    key = redeemed(api, token(api))
    assert key.startswith("pss_test_")
    packed = key.removeprefix("pss_test_").rpartition("_00")[0]
    account, rest = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode().split(",")
    assert account == api.bench.account().id
    assert len(rest) == 31


@pytest.mark.parametrize("path", [GENERATE, ACTIVATE])
def test_a_token_is_redeemed_once(api, path):
    secret, place = token(api), location(api)
    form = TILL if path == GENERATE else activation(api.bench.unbox(model="stripe_m2"), place)
    assert api.post(path, form, key=secret).status == 200
    again = api.post(path, form, key=secret)
    assert (again.status, again.error["type"]) == (400, "invalid_request_error")
    assert "code" not in again.error
    assert "already been redeemed" in again.error["message"]
    other = GENERATE if path == ACTIVATE else ACTIVATE
    form = TILL if other == GENERATE else activation(api.bench.unbox(model="stripe_m2"), place)
    assert "already been redeemed" in api.post(other, form, key=secret).error["message"]


def test_a_token_expires_after_five_minutes(api):
    early, late = token(api), token(api)
    api.bench.advance(milliseconds=299_999)
    assert api.post(GENERATE, TILL, key=early).status == 200
    api.bench.advance(milliseconds=1)
    answer = api.post(GENERATE, TILL, key=late)
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert "code" not in answer.error
    assert "has expired" in answer.error["message"]


def test_a_refused_call_does_not_use_the_token_up(api):
    secret = token(api)
    assert api.post(GENERATE, "", key=secret).error["param"] == "pos_device_id"
    assert api.post(ACTIVATE, activation("none", location(api)), key=secret).status == 400
    redeemed(api, secret)


def test_an_idempotency_key_keeps_no_session_key(api, bench):
    """The token works once whatever the header says, and nothing stored holds the key that it was redeemed for."""
    secret = token(api)
    first = api.post(GENERATE, TILL, key=secret, idempotency_key="once").body
    again = api.post(GENERATE, TILL, key=secret, idempotency_key="once")
    assert (again.status, "redeemed" in again.error["message"]) == (400, True)
    assert first["sdk_rpc_session_token"].encode() not in bench.snapshot()


@pytest.mark.parametrize(
    "key",
    [
        "pst_test_x",
        "pss_test_x",
        "pst_test_" + base64.urlsafe_b64encode(b"acct_1none,x").decode().rstrip("=") + "_00abcdefgh",
        "pst_test_é",
        "pst_test_" + "A" * 200,
    ],
)
def test_what_nobody_was_given_is_no_key(api, key):
    answer = api.get(READERS, key=key.encode("utf-8").decode("latin-1"))
    assert (answer.status, answer.error["type"]) == (401, "invalid_request_error")
    assert answer.error["message"].startswith("Invalid API Key provided")


def test_a_token_with_one_letter_changed_opens_nothing(api):
    secret = token(api)
    forged = secret[:-8] + "00000000"
    assert api.post(GENERATE, TILL, key=forged).status == 401
    assert api.post(GENERATE, TILL, key=secret.replace("pst_", "pss_")).status == 401


@pytest.mark.parametrize("kind", ["pst", "pss"])
def test_live_secrets_are_refused_as_live(api, kind):
    answer = api.get(READERS, key=f"{kind}_live_abcdefghijkl")
    assert (answer.status, "looks live" in answer.error["message"]) == (401, True)
    assert "abcdefgh" not in answer.error["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/customers"),
        ("POST", "/v1/customers"),
        ("POST", "/v1/terminal/connection_tokens"),
        ("POST", "/v1/terminal/readers"),
        ("GET", "/v1/terminal/readers/tmr_x"),
        ("POST", "/v1/terminal/readers/tmr_x/cancel_action"),
        ("GET", "/v1/terminal/locations"),
        ("GET", "/v1/no_such_thing"),
        ("GET", "/v2/core/events"),
    ],
)
def test_token_and_session_key_reach_nothing_else(api, method, path):
    secret = token(api)
    key = redeemed(api, token(api))
    for tried in (secret, key):
        answer = api(method, path, key=tried)
        assert answer.status == 401, (tried[:4], answer.body)
        assert secret not in str(answer.body)


def test_only_a_token_is_redeemed(api):
    key = redeemed(api, token(api))
    assert api.post(GENERATE, TILL, key=key).status == 401
    assert api.post(GENERATE, TILL).status == 401
    assert api.post(ACTIVATE, activation(api.bench.unbox(model="stripe_m2"), location(api))).status == 401


def test_session_key_expires_after_twelve_hours(api):
    key = redeemed(api, token(api))
    api.bench.advance(milliseconds=12 * 3_600_000 - 1)
    assert api.get(READERS, key=key).status == 200
    api.bench.advance(milliseconds=1)
    answer = api.get(READERS, key=key)
    assert (answer.status, answer.error["code"]) == (401, "api_key_expired")
    assert answer.error["message"].startswith("Expired API Key provided")


def test_rows_of_old_secrets_are_pruned(api):
    key, secret = redeemed(api, token(api)), token(api)
    api.bench.advance(hours=26)
    rows = api.bench.transact(
        lambda tx: [
            name for kind in ("_connection_token", "_pos_session") for name, _ in tx.each(api.bench.account().id, kind)
        ]
    )
    assert rows == []
    for tried in (key, secret):
        assert api.get(READERS, key=tried).error["message"].startswith("Invalid API Key")


def test_rows_hold_no_secret(api):
    secret = token(api)
    key = redeemed(api, secret)
    world = api.bench.snapshot()
    assert secret.encode() not in world
    assert key.encode() not in world


def test_discovery_shows_base_url_to_a_pos_only(api):
    reader(api, location(api))
    for key in (token(api), redeemed(api, token(api))):
        (found,) = api.get(READERS, key=key).body["data"]
        assert "base_url" in found
    (plain,) = api.get(READERS).body["data"]
    assert "base_url" not in plain


def test_discovery_takes_what_sdks_send(api):
    made = reader(api, location(api))
    form = f"compatible_sdk_type=js&compatible_sdk_version=2.0&serial_number={made['serial_number']}&status=online"
    assert seen(api, token(api), form) == {made["id"]}


def test_scoped_secrets_see_the_readers_of_their_location(api):
    here, there = location(api), location(api)
    ours, theirs = reader(api, here)["id"], reader(api, there)["id"]
    secret = token(api, f"location={here}")
    key = redeemed(api, secret)
    for tried in (secret, key):
        assert seen(api, tried) == {ours}
        assert seen(api, tried, f"location={there}") == set()
        assert seen(api, tried, "status=online") == {ours}
        assert seen(api, tried, "status=offline") == set()
    assert seen(api, token(api)) == {ours, theirs}


def test_scope_has_no_effect_on_mobile_readers(api):
    here, there = location(api), location(api)
    serial = api.bench.unbox(model="stripe_m2")
    answer = api.post(ACTIVATE, activation(serial, there), key=token(api, f"location={here}"))
    assert answer.status == 200, answer.body
    assert seen(api, token(api, f"location={here}")) == {answer.body["reader"]["id"]}


def test_scoped_listing_has_pages(api):
    here = location(api)
    made = [reader(api, here)["id"] for _ in range(5)]
    reader(api, location(api))
    key = token(api, f"location={here}")
    first = api.get(READERS, "limit=3", key=key).body
    assert first["has_more"]
    rest = api.get(READERS, f"limit=3&starting_after={first['data'][-1]['id']}", key=key).body
    assert [item["id"] for page in (first, rest) for item in page["data"]] == made[::-1]
    assert not rest["has_more"]


def test_secrets_belong_to_the_account_that_made_them(api):
    ours = reader(api, location(api))["id"]
    theirs = reader(api, location(api, key=OTHER), key=OTHER)["id"]
    assert seen(api, token(api)) == {ours}
    assert seen(api, token(api, key=OTHER)) == {theirs}


def test_activation_registers_a_mobile_reader(api):
    serial, place = api.bench.unbox(model="stripe_m2"), location(api)
    answer = api.post(ACTIVATE, activation(serial, place), key=token(api))
    assert answer.status == 200, answer.body
    made = answer.body["reader"]
    assert (made["object"], made["device_type"], made["serial_number"]) == ("terminal.reader", "stripe_m2", serial)
    assert (made["status"], made["location"], made["ip_address"]) == (None, place, None)
    assert answer.body["sdk_rpc_session_token"].startswith("pss_test_")
    assert api.get(f"{READERS}/{made['id']}").body["status"] is None


def test_activation_again_keeps_the_reader_and_moves_it(api):
    serial, here, there = api.bench.unbox(model="stripe_m2"), location(api), location(api)
    first = api.post(ACTIVATE, activation(serial, here), key=token(api)).body["reader"]
    again = api.post(ACTIVATE, activation(serial), key=token(api)).body["reader"]
    moved = api.post(ACTIVATE, activation(serial, there), key=token(api)).body["reader"]
    assert (again["id"], again["location"]) == (first["id"], here)
    assert (moved["id"], moved["location"]) == (first["id"], there)


def test_activation_for_another_account_takes_the_device_away(api):
    serial, place = api.bench.unbox(model="stripe_m2"), location(api)
    first = api.post(ACTIVATE, activation(serial, place), key=token(api)).body["reader"]
    theirs = api.post(ACTIVATE, activation(serial, location(api, key=OTHER)), key=token(api, key=OTHER))
    assert theirs.status == 200
    assert theirs.body["reader"]["id"] != first["id"]


def test_activation_needs_a_location_that_is_there(api):
    serial, place = api.bench.unbox(model="stripe_m2"), location(api)
    none = api.post(ACTIVATE, activation(serial), key=token(api))
    assert (none.status, none.error["code"], none.error["param"]) == (400, "parameter_missing", "register_to_location")
    unknown = api.post(ACTIVATE, activation(serial, "tml_none"), key=token(api))
    assert (unknown.status, unknown.error["code"]) == (400, "resource_missing")
    assert unknown.error["message"] == "No such location: 'tml_none'"
    foreign = api.post(ACTIVATE, activation(serial, location(api, key=OTHER)), key=token(api))
    assert foreign.error["code"] == "resource_missing"
    api.delete(f"/v1/terminal/locations/{place}")
    deleted = api.post(ACTIVATE, activation(serial, place), key=token(api))
    assert (deleted.status, "registered to a deleted location" in deleted.error["message"]) == (400, True)


def test_activation_is_for_mobile_readers_that_exist(api):
    place = location(api)
    smart = api.bench.unbox()
    refused = api.post(ACTIVATE, activation(smart, place, "bbpos_wisepos_e"), key=token(api))
    assert (refused.status, refused.error["param"]) == (400, "device_type")
    disguised = api.post(ACTIVATE, activation(smart, place), key=token(api))
    assert (disguised.status, disguised.error["code"]) == (400, "resource_missing")
    missing = api.post(ACTIVATE, activation("nothing", place), key=token(api))
    assert (missing.status, missing.error["param"]) == (400, "device_serial_number")


@pytest.mark.parametrize("form", ["pos_device_id=", "pos_device_id[]=x", "pos_device_id=" + "x" * 6000, "unknown=1"])
def test_bad_parameters_are_refused_and_leave_the_token(api, form):
    secret = token(api)
    assert api.post(GENERATE, form, key=secret).status == 400
    redeemed(api, secret)


def test_the_feed_never_shows_a_secret():
    with Bench() as bench:
        items = []
        bench.feed.watch(items.append)
        secret = bench.call("POST", "/v1/terminal/connection_tokens")["secret"]
        key = bench.call("POST", GENERATE, {"pos_device_id": secret}, key=secret)["sdk_rpc_session_token"]
        bench.call("GET", READERS, {}, key=key)
        bench.call("POST", "/v1/customers", {"name": f"a {key} b", "metadata": {"k": secret}})
        with pytest.raises(CallFailed):
            bench.call("POST", "/v1/customers", {"metadata": {key: "x"}})
        told = str([item.data for item in items])
    assert len(items) >= 4
    assert secret[9:] not in told
    assert key[9:] not in told
