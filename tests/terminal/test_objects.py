"""Locations, readers and connection tokens as objects (terminal.md §1, §7)."""

from __future__ import annotations

import base64
import re

import pytest

GB = "address[country]=GB&address[line1]=a&address[city]=b&address[postal_code]=c"


def location(api, form="display_name=Shop&" + GB, **options):
    made = api.post("/v1/terminal/locations", form, **options)
    assert made.status == 200, made.body
    return made.body


def reader(api, form="registration_code=simulated-wpe"):
    made = api.post("/v1/terminal/readers", f"{form}&location={location(api)['id']}")
    assert made.status == 200, made.body
    return made.body


def test_location_shows_seven_members_and_the_others_only_when_set(api):
    made = location(api)
    assert set(made) == {"id", "object", "address", "display_name", "livemode", "metadata"}
    changed = api.post(f"/v1/terminal/locations/{made['id']}", "phone=%2B4412345").body
    assert changed["phone"] == "+4412345"
    assert "phone" not in api.post(f"/v1/terminal/locations/{made['id']}", "phone=").body


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ("display_name=x", "address"),
        (GB, "display_name"),
        ("display_name=x&address[line1]=a&address[city]=b", "address[country]"),
        ("display_name=x&address[country]=GB&address[line1]=a&address[postal_code]=c", "address[city]"),
        (
            "display_name=x&address[country]=US&address[line1]=a&address[city]=b&address[postal_code]=c",
            "address[state]",
        ),
        ("display_name=x&address[country]=IE&address[line1]=a", "address[postal_code]"),
    ],
)
def test_required_address_members_per_country(api, form, param):
    answer = api.post("/v1/terminal/locations", form)
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "parameter_missing", param)


def test_country_of_a_location_cannot_change(api):
    made = location(api)
    assert api.post(f"/v1/terminal/locations/{made['id']}", "address[country]=FR").status == 400


def test_japan_takes_kana_or_kanji_and_no_address(api):
    assert api.post("/v1/terminal/locations", "display_name_kana=x&address_kana[line1]=a").status == 200
    answer = api.post("/v1/terminal/locations", "display_name=x&address[country]=JP&address[line1]=a")
    assert (answer.status, answer.error["param"]) == (400, "address")


def test_location_with_readers_cannot_be_deleted(api):
    made = reader(api)
    assert api.delete(f"/v1/terminal/locations/{made['location']}").status == 400
    api.delete(f"/v1/terminal/readers/{made['id']}")
    stub = api.delete(f"/v1/terminal/locations/{made['location']}").body
    assert stub == {"id": made["location"], "object": "terminal.location", "deleted": True}


def test_simulated_reader_as_an_object(api, bench):
    made = reader(api)
    assert made["device_type"] == "simulated_wisepos_e"
    assert made["serial_number"].startswith("simulated-wpe-")
    assert made["label"] == made["serial_number"]
    assert (made["status"], made["action"], made["ip_address"]) == ("online", None, "0.0.0.0")
    assert made["last_seen_at"] > 10**12, "milliseconds"
    assert "created" not in made


def test_simulator_codes_can_be_used_any_number_of_times(api):
    assert reader(api)["id"] != reader(api)["id"]


def test_registration_needs_a_location_and_a_code_that_some_device_shows(api):
    answer = api.post("/v1/terminal/readers", "registration_code=simulated-wpe")
    assert (answer.error["code"], answer.error["param"]) == ("parameter_missing", "location")
    answer = api.post("/v1/terminal/readers", f"registration_code=no-such-words&location={location(api)['id']}")
    assert (answer.status, answer.error["code"], answer.error["param"]) == (
        400,
        "resource_missing",
        "registration_code",
    )


def test_a_pairing_code_works_once_and_for_an_hour(api, bench):
    place = location(api, GB + "&display_name=x")["id"]
    serial = bench.unbox("GB")
    bench.advance(minutes=2)
    code = bench.transact(lambda tx: bench.devices.state(tx, serial).code)
    assert re.fullmatch(r"[a-z]+-[a-z]+-[a-z]+", code)
    bench.advance(minutes=61)
    assert api.post("/v1/terminal/readers", f"registration_code={code}&location={place}").status == 400
    code = bench.transact(lambda tx: bench.devices.state(tx, serial).code)
    assert api.post("/v1/terminal/readers", f"registration_code={code}&location={place}").status == 200
    assert api.post("/v1/terminal/readers", f"registration_code={code}&location={place}").status == 400


def test_location_of_a_reader_cannot_be_updated_but_label_and_metadata_can(api):
    made = reader(api)
    path = f"/v1/terminal/readers/{made['id']}"
    assert api.post(path, f"location={made['location']}").error["code"] == "parameter_unknown"
    changed = api.post(path, "label=Till%201&metadata[a]=b").body
    assert (changed["label"], changed["metadata"]) == ("Till 1", {"a": "b"})


def test_deleted_reader_carries_device_type_and_serial_number(api):
    made = reader(api)
    assert api.delete(f"/v1/terminal/readers/{made['id']}").body == {
        "id": made["id"],
        "object": "terminal.reader",
        "deleted": True,
        "device_type": "simulated_wisepos_e",
        "serial_number": made["serial_number"],
    }
    assert api.get(f"/v1/terminal/readers/{made['id']}").status == 404


def test_list_filters(api):
    first, second = reader(api), reader(api)

    def ids(form):
        return [item["id"] for item in api.get("/v1/terminal/readers", form).body["data"]]

    assert ids("") == [second["id"], first["id"]]
    assert ids(f"location={first['location']}") == [first["id"]]
    assert ids(f"serial_number={second['serial_number']}") == [second["id"]]
    assert ids("device_type=stripe_s700") == []
    assert ids("status=online&limit=1") == [second["id"]]
    assert ids("status=offline") == []
    assert api.get("/v1/terminal/readers", "location=tml_none").status == 400


def test_connection_token_has_neither_id_nor_livemode_and_names_its_account(api):
    token = api.post("/v1/terminal/connection_tokens").body
    assert set(token) == {"object", "secret"}
    found = re.fullmatch(r"pst_test_([0-9A-Za-z_-]+)_00[0-9A-Za-z]{8}", token["secret"])
    inner = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
    account, random = inner.split(",")
    assert account == api.get("/v1/account").body["id"]
    assert len(random) == 31


def test_scoped_connection_token_names_its_location(api):
    place = location(api)["id"]
    assert api.post("/v1/terminal/connection_tokens", f"location={place}").body["location"] == place
    assert api.post("/v1/terminal/connection_tokens", "location=tml_none").status == 400
