"""Configurations through the SDK: what they take, what they inherit, what nobody else gets to see."""

from __future__ import annotations

import io

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from countertop.services.terminal.settings import reboot_window, settings_of, tip_offer

PATH = "/v1/terminal/configurations"
PNG, JPG, GIF = b"\x89PNG\r\n\x1a\n....", b"\xff\xd8\xff....", b"GIF89a...."
TIPS = {"usd": {"fixed_amounts": [100, 200, 300], "percentages": [15, 20, 25], "smart_tip_threshold": 1000}}
ALWAYS = {"id", "object", "is_account_default", "livemode", "name"}


@pytest.fixture
def client(bench) -> stripe.StripeClient:
    return bench.client()


@pytest.fixture
def configurations(client):
    return client.v1.terminal.configurations


def upload(client, purpose: str, content: bytes = PNG) -> str:
    file = io.BytesIO(content)
    file.name = "file"
    return client.v1.files.create({"file": file, "purpose": purpose}).id


def refusal(call, *arguments) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        call(*arguments)
    assert refused.value.http_status == 400
    return refused.value


# --- the object -----------------------------------------------------------------------------------------------------


def test_the_account_default_is_there_from_the_start_and_stays(configurations):
    first = configurations.list().data
    assert [(c.is_account_default, set(c.to_dict())) for c in first] == [(True, ALWAYS)]
    mine = configurations.create({"name": "Bar"})
    assert [c.id for c in configurations.list().data] == [mine.id, first[0].id], "newest first"
    assert [c.id for c in configurations.list({"is_account_default": True}).data] == [first[0].id]
    assert [c.id for c in configurations.list({"is_account_default": False}).data] == [mine.id]
    assert "default" in refusal(configurations.delete, first[0].id).user_message
    assert configurations.retrieve(first[0].id).id == first[0].id


def test_each_account_has_one_default_even_when_it_creates_first(bench):
    for key in ("sk_test_a", "sk_test_b"):
        api = bench.client(key).v1.terminal.configurations
        mine = api.create({"name": "x"})
        assert [(c.is_account_default, c.id == mine.id) for c in api.list().data] == [(False, True), (True, False)]


def test_settings_are_absent_until_configured_and_again_when_unset(client, configurations):
    splash = upload(client, "terminal_reader_splashscreen")
    bare = configurations.create({})
    assert set(bare.to_dict()) == ALWAYS
    given = {
        "bbpos_wisepos_e": {"splashscreen": splash},
        "cellular": {"enabled": True},
        "offline": {"enabled": True},
        "reader_security": {"admin_menu_passcode": "01234"},
        "reboot_window": {"start_hour": 22, "end_hour": 4},
        "tipping": TIPS,
        "wifi": {"type": "personal_psk", "personal_psk": {"ssid": "Shop", "password": "secret-word"}},
    }
    full = configurations.update(bare.id, given).to_dict()
    assert {name: full[name] for name in given} == given
    assert configurations.update(bare.id, dict.fromkeys(given, "")).to_dict() == bare.to_dict()


def test_an_update_leaves_alone_what_it_does_not_name(configurations):
    mine = configurations.create({"name": "Bar", "tipping": TIPS, "offline": {"enabled": True}})
    changed = configurations.update(mine.id, {"tipping": {"usd": {"percentages": [5]}}}).to_dict()
    assert changed["tipping"]["usd"] == TIPS["usd"] | {"percentages": [5]}
    assert (changed["name"], changed["offline"]) == ("Bar", {"enabled": True})


def test_a_member_that_is_unset_takes_its_empty_hash_along(client, configurations):
    splash = upload(client, "terminal_reader_splashscreen")
    mine = configurations.create(
        {"stripe_s700": {"splashscreen": splash}, "reader_security": {"admin_menu_passcode": "12345"}}
    )
    emptied = {"stripe_s700": {"splashscreen": ""}, "reader_security": {"admin_menu_passcode": ""}}
    assert set(configurations.update(mine.id, emptied).to_dict()) == ALWAYS
    assert set(configurations.create(emptied).to_dict()) == ALWAYS


def test_another_kind_of_wifi_leaves_nothing_of_the_last(configurations):
    psk = {"type": "personal_psk", "personal_psk": {"ssid": "a", "password": "b"}}
    peap = {"type": "enterprise_eap_peap", "enterprise_eap_peap": {"ssid": "a", "username": "u", "password": "b"}}
    mine = configurations.create({"wifi": psk})
    assert configurations.update(mine.id, {"wifi": peap}).to_dict()["wifi"] == peap


def test_a_deleted_configuration_leaves_its_locations_to_the_default(client, configurations):
    mine = configurations.create({"name": "Bar"})
    address = {"country": "US", "line1": "1", "city": "A", "state": "CA", "postal_code": "9"}
    place = client.v1.terminal.locations.create(
        {"display_name": "x", "address": address, "configuration_overrides": mine.id}
    )
    gone = configurations.delete(mine.id).to_dict()
    assert gone == {"id": mine.id, "object": "terminal.configuration", "deleted": True}
    assert "configuration_overrides" not in client.v1.terminal.locations.retrieve(place.id).to_dict()
    with pytest.raises(stripe.InvalidRequestError) as missing:
        configurations.retrieve(mine.id)
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


# --- rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"tipping": {"usd": {"percentages": [1, 2, 3, 4]}}}, "tipping[usd][percentages]"),
        ({"tipping": {"usd": {"percentages": [10, -1]}}}, "tipping[usd][percentages][1]"),
        ({"tipping": {"usd": {"percentages": [101]}}}, "tipping[usd][percentages][0]"),
        ({"tipping": {"usd": {"fixed_amounts": [10**8]}}}, "tipping[usd][fixed_amounts][0]"),
        ({"tipping": {"usd": {"fixed_amounts": [1.5]}}}, "tipping[usd][fixed_amounts][0]"),
        ({"tipping": {"usd": {"fixed_amounts": ""}}}, "tipping[usd][fixed_amounts]"),
        ({"tipping": {"usd": {"smart_tip_threshold": 10}}}, "tipping[usd][fixed_amounts]"),
        ({"tipping": {"usd": {"smart_tip_threshold": 10, "percentages": [1]}}}, "tipping[usd][fixed_amounts]"),
        ({"tipping": {"usd": {"percentages": [1]}, "eur": {"fixed_amounts": [1]}}}, "tipping[eur]"),
        ({"tipping": {"bgn": {"percentages": [1]}}}, "tipping[bgn]"),
        ({"reboot_window": {"start_hour": 3, "end_hour": 3}}, "reboot_window[end_hour]"),
        ({"reboot_window": {"start_hour": 24, "end_hour": 3}}, "reboot_window[start_hour]"),
        ({"reboot_window": {"start_hour": 0, "end_hour": -1}}, "reboot_window[end_hour]"),
        ({"reboot_window": {"start_hour": 0}}, "reboot_window[end_hour]"),
        ({"reader_security": {"admin_menu_passcode": "1234"}}, "reader_security[admin_menu_passcode]"),
        ({"reader_security": {"admin_menu_passcode": "1234x"}}, "reader_security[admin_menu_passcode]"),
        ({"reader_security": {"admin_menu_passcode": "١٢٣٤٥"}}, "reader_security[admin_menu_passcode]"),
        ({"offline": {"enabled": "maybe"}}, "offline[enabled]"),
        ({"cellular": {"on": True}}, "cellular[on]"),
        ({"wifi": {"type": "personal_psk"}}, "wifi[personal_psk]"),
        ({"wifi": {"type": "wep"}}, "wifi[type]"),
        ({"wifi": {"type": "personal_psk", "personal_psk": {"ssid": "a"}}}, "wifi[personal_psk][password]"),
        (
            {"wifi": {"type": "personal_psk", "personal_psk": {"ssid": "a", "password": "x" * 64}}},
            "wifi[personal_psk][password]",
        ),
        (
            {
                "wifi": {
                    "type": "personal_psk",
                    "personal_psk": {"ssid": "a", "password": "b"},
                    "enterprise_eap_peap": {"ssid": "a", "username": "u", "password": "b"},
                }
            },
            "wifi[enterprise_eap_peap]",
        ),
        ({"bbpos_wisepos_e": {"splashscreen": "file_none"}}, "bbpos_wisepos_e[splashscreen]"),
        ({"verifone_P400": {"splashscreen": "file_none"}}, "verifone_P400"),
        ({"name": "x" * 101}, "name"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(configurations, settings, param):
    assert refusal(configurations.create, settings).param == param
    before = configurations.create({"name": "kept"})
    assert refusal(configurations.update, before.id, settings).param == param
    assert configurations.retrieve(before.id).to_dict() == before.to_dict()


def test_currencies_are_checked_together_after_an_update(configurations):
    mine = configurations.create({"tipping": {"usd": {"percentages": [1]}}})
    assert refusal(configurations.update, mine.id, {"tipping": {"eur": {"fixed_amounts": [1]}}}).param == "tipping[eur]"
    assert configurations.update(mine.id, {"tipping": {"eur": {"percentages": [2]}}}).tipping.eur.percentages == [2]


@pytest.mark.parametrize(
    ("device", "content", "fits"),
    [
        ("bbpos_wisepos_e", GIF, True),
        ("stripe_t600", JPG, True),
        ("bbpos_wisepad3", PNG, True),
        ("bbpos_wisepad3", JPG, False),
        ("verifone_p400", GIF, False),
        ("stripe_s700", b"%PDF-1.7", False),
        ("stripe_s700", b"", False),
        ("stripe_s700", PNG.ljust(2_000_000), False),
        ("stripe_s700", PNG.ljust(1_999_999), True),
        ("stripe_s710", GIF.ljust(3_999_999), True),
        ("stripe_s710", GIF.ljust(4_000_000), False),
    ],
)
def test_a_splash_screen_is_an_image_that_the_device_can_show(client, configurations, device, content, fits):
    settings = {device: {"splashscreen": upload(client, "terminal_reader_splashscreen", content)}}
    if fits:
        assert configurations.create(settings).to_dict()[device] == settings[device]
    else:
        assert refusal(configurations.create, settings).param == f"{device}[splashscreen]"


def test_a_file_must_have_been_uploaded_for_what_it_is_used_for(client, configurations):
    logo = upload(client, "business_logo")
    assert refusal(configurations.create, {"stripe_s700": {"splashscreen": logo}}).param == "stripe_s700[splashscreen]"
    certificate, key = upload(client, "terminal_wifi_certificate"), upload(client, "terminal_wifi_private_key")
    tls = {"ssid": "a", "client_certificate_file": certificate, "private_key_file": key}
    wifi = {"type": "enterprise_eap_tls", "enterprise_eap_tls": tls}
    assert configurations.create({"wifi": wifi}).to_dict()["wifi"] == wifi
    for member, file in (("private_key_file", certificate), ("client_certificate_file", "file_none")):
        wrong = {"wifi": {"type": "enterprise_eap_tls", "enterprise_eap_tls": tls | {member: file}}}
        assert refusal(configurations.create, wrong).param == f"wifi[enterprise_eap_tls][{member}]"


def test_no_secret_of_a_configuration_reaches_the_feed(bench, client, configurations):
    seen = []
    bench.feed.watch(lambda item: seen.append(repr(item)))
    key = upload(client, "terminal_wifi_private_key", b"-----BEGIN PRIVATE KEY-----hush-key")
    certificate = upload(client, "terminal_wifi_certificate")
    psk = {"type": "personal_psk", "personal_psk": {"ssid": "Shop", "password": "hush-word"}}
    tls = {
        "ssid": "Shop",
        "client_certificate_file": certificate,
        "private_key_file": key,
        "private_key_file_password": "hush-file",
    }
    configurations.create({"wifi": psk, "reader_security": {"admin_menu_passcode": "98765"}})
    configurations.create({"wifi": {"type": "enterprise_eap_tls", "enterprise_eap_tls": tls}})
    long = psk | {"personal_psk": {"ssid": "Shop", "password": "hush-word" * 8}}
    refusal(configurations.create, {"wifi": long})
    assert "Shop" in "".join(seen)
    for secret in ("hush", "98765"):
        assert secret not in "".join(seen)


# --- what holds at a place ------------------------------------------------------------------------------------------


def effective(bench, location: str | None):
    account = bench.account()
    return bench.transact(lambda tx: settings_of(bench.world.scope(tx, account), location))


def test_a_location_overrides_the_account_setting_by_setting(bench, client, configurations):
    assert effective(bench, None) == {}
    [default] = configurations.list().data
    configurations.update(default.id, {"offline": {"enabled": True}, "tipping": TIPS})
    window = {"start_hour": 1, "end_hour": 2}
    mine = configurations.create({"offline": {"enabled": False}, "reboot_window": window})
    address = {"country": "US", "line1": "1", "city": "A", "state": "CA", "postal_code": "9"}
    place = client.v1.terminal.locations.create(
        {"display_name": "x", "address": address, "configuration_overrides": mine.id}
    )
    assert effective(bench, None) == {"offline": {"enabled": True}, "tipping": TIPS}
    there = effective(bench, place.id)
    assert there == {"offline": {"enabled": False}, "reboot_window": window, "tipping": TIPS}
    assert (reboot_window(there), reboot_window({})) == ((1, 2), (0, 1))


def test_fixed_amounts_below_the_threshold_and_percentages_from_it_on():
    settings = {"tipping": TIPS}
    below, at = tip_offer(settings, ("tips",), "usd", 999), tip_offer(settings, ("tips",), "usd", 1000)
    assert (below.amounts, below.percentages) == ((100, 200, 300), ())
    assert (at.amounts, at.percentages) == ((150, 200, 250), (15, 20, 25))
    part = tip_offer(settings, ("tips",), "usd", 5000, 1010)
    assert (part.eligible, part.amounts) == (1010, (152, 202, 253)), "half a cent is rounded up"


@pytest.mark.parametrize(
    ("settings", "features", "currency", "eligible"),
    [
        ({}, ("tips",), "usd", None),
        ({"tipping": TIPS}, ("inputs",), "usd", None),
        ({"tipping": TIPS}, ("tips",), "eur", None),
        ({"tipping": TIPS}, ("tips",), "usd", 0),
    ],
)
def test_no_tip_screen(settings, features, currency, eligible):
    assert tip_offer(settings, features, currency, 2000, eligible) is None


AMOUNTS = st.lists(st.integers(0, 99_999_999), min_size=1, max_size=3)
SHARES = st.lists(st.integers(0, 100), min_size=1, max_size=3)


@given(
    fixed=st.none() | AMOUNTS,
    shares=st.none() | SHARES,
    threshold=st.none() | st.integers(0, 99_999_999),
    amount=st.integers(1, 99_999_999),
    part=st.none() | st.integers(0, 99_999_999),
)
def test_a_tip_offer_is_always_sane(fixed, shares, threshold, amount, part):
    suggestions = {"fixed_amounts": fixed, "percentages": shares}
    if threshold is not None:
        suggestions["smart_tip_threshold"] = threshold
    offer = tip_offer({"tipping": {"usd": suggestions}}, ("tips",), "usd", amount, part)
    if part == 0 or (fixed is None and shares is None):
        assert offer is None
        return
    base = amount if part is None else part
    assert offer.eligible == base
    if offer.percentages:
        assert list(offer.percentages) == shares
        for tip, share in zip(offer.amounts, offer.percentages, strict=True):
            assert abs(100 * tip - base * share) <= 50
            assert 0 <= tip <= base
    else:
        assert list(offer.amounts) == fixed
    assert len(offer.amounts) <= 3


def test_reader_hears_of_its_reboot_window_and_splash_screen(bench, api):
    """terminal.md §1.5: what is configured reaches the devices of the location."""
    reader = bench.reader(simulated=False)
    state = lambda: bench.transact(lambda tx: bench.devices.state(tx, reader.serial))  # noqa: E731
    assert (state().reboot_from, state().reboot_to) == (0, 1)
    made = api.post("/v1/terminal/configurations", "reboot_window[start_hour]=3&reboot_window[end_hour]=5").body
    place = api.get(f"/v1/terminal/readers/{reader.id}").body["location"]
    api.post(f"/v1/terminal/locations/{place}", f"configuration_overrides={made['id']}")
    assert (state().reboot_from, state().reboot_to) == (3, 5)
    api.post(f"/v1/terminal/configurations/{made['id']}", "reboot_window[start_hour]=22&reboot_window[end_hour]=2")
    assert (state().reboot_from, state().reboot_to) == (22, 2)
    api.delete(f"/v1/terminal/configurations/{made['id']}")
    assert (state().reboot_from, state().reboot_to) == (0, 1)


def test_new_software_is_seen_by_the_api(bench, api):
    reader = bench.reader(simulated=False)
    bench.advance(seconds=10)
    reader.install("2.43.1.0")
    assert reader.state == "updating"
    bench.advance(minutes=10)
    assert api.get(f"/v1/terminal/readers/{reader.id}").body["device_sw_version"] == "2.43.1.0"
