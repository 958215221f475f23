"""Locations: what each country's address needs, what Japan does differently, what an update may change."""

from __future__ import annotations

import pytest

from countertop.accounts import CURRENCY_OF

PATH = "/v1/terminal/locations"
# terminal.md §1.2, and the assumptions for countries that its table leaves out.
REQUIRED = {
    "line1 city state postal_code": "AU CA ES IT US",
    "line1 city postal_code": "AT BE CH CZ DE DK EE FI FR GB HU LI LT LU LV MY NL NO NZ PL PT RO SE SK MX",
    "line1 postal_code": "BG CY HR IE MT SG SI",
    "line1": "GI",
    "line1 city": "AE GR HK",
}
NEEDS = {country: words.split() for words, countries in REQUIRED.items() for country in countries.split()}
JAPAN = "display_name_kana=x&address_kana[line1]=a"


def form(country: str, members: list[str]) -> str:
    return f"display_name=x&address[country]={country}&" + "&".join(f"address[{name}]=a" for name in members)


def shop(api, text: str = form("GB", ["line1", "city", "postal_code"])) -> dict:
    made = api.post(PATH, text)
    assert made.status == 200, made.body
    return made.body


def test_every_country_of_terminal_is_in_the_table():
    assert set(NEEDS) | {"JP"} == set(CURRENCY_OF)


@pytest.mark.parametrize("country", NEEDS)
def test_the_address_of_a_country_needs_these_members_and_no_others(api, country):
    needed = NEEDS[country]
    made = shop(api, form(country.lower(), needed))
    assert made["address"]["country"] == country
    assert set(made["address"]) == {"city", "country", "line1", "line2", "postal_code", "state"}
    for name in needed:
        answer = api.post(PATH, form(country, [other for other in needed if other != name]))
        assert (answer.status, answer.error["code"]) == (400, "parameter_missing")
        assert answer.error["param"] == f"address[{name}]"


@pytest.mark.parametrize("country", ["XX", "KP", "Z", "usa", "a" * 5000])
def test_a_country_without_terminal_is_refused_by_name(api, country):
    answer = api.post(PATH, form(country, ["line1", "city", "state", "postal_code"]))
    assert (answer.status, answer.error["code"]) == (400, "terminal_location_country_unsupported")
    assert answer.error["param"] == "address[country]"
    assert len(answer.raw) < 1500


def test_japan_keeps_its_own_address_and_names(api):
    made = shop(api, JAPAN + "&address_kanji[country]=jp&address_kanji[town]=b")
    assert made["address"] == dict.fromkeys(("city", "line1", "line2", "postal_code", "state")) | {"country": "JP"}
    assert made["address_kana"]["country"] == made["address_kanji"]["country"] == "JP"
    assert made["display_name_kana"] == "x"
    assert "display_name_kanji" not in made


@pytest.mark.parametrize(
    ("text", "code", "param"),
    [
        ("address_kana[line1]=a", "parameter_missing", "display_name"),
        (JAPAN + "&address[country]=JP", None, "address"),
        (JAPAN + "&address_kanji[country]=CN", None, "address_kanji[country]"),
        ("display_name=x&address[country]=JP&address[line1]=a", None, "address"),
        (form("GB", ["line1", "city", "postal_code"]) + "&display_name_kana=x", None, "display_name_kana"),
    ],
)
def test_what_japan_and_the_others_refuse(api, text, code, param):
    answer = api.post(PATH, text)
    assert (answer.status, answer.error.get("code"), answer.error["param"]) == (400, code, param)


@pytest.mark.parametrize(
    ("text", "param"),
    [
        ("address_kana[line1]=a", "address_kana"),
        ("display_name_kanji=x", "display_name_kanji"),
        ("display_name=", "display_name"),
        ("address[country]=FR", "address[country]"),
        ("address[line1]=", "address[line1]"),
        ("address=", "address"),
        ("configuration_overrides=tmc_none", "configuration_overrides"),
        ("display_name=" + "x" * 1001, "display_name"),
    ],
)
def test_an_update_that_a_location_outside_japan_refuses(api, text, param):
    made = shop(api)
    answer = api.post(f"{PATH}/{made['id']}", text)
    assert (answer.status, answer.error["param"]) == (400, param)
    assert api.get(f"{PATH}/{made['id']}").body == made


def test_an_update_changes_what_it_names_and_empties_what_may_be_empty(api):
    made = shop(api)
    path = f"{PATH}/{made['id']}"
    changed = api.post(path, "address[line1]=b&address[country]=gb&display_name=y&phone=1&metadata[a]=b").body
    address = made["address"] | {"line1": "b"}
    assert changed == made | {"address": address, "display_name": "y", "phone": "1", "metadata": {"a": "b"}}
    assert api.post(path, "phone=&metadata=").body == made | {"address": address, "display_name": "y"}
    assert api.post(path, "display_name_kana=").body["display_name"] == "y"


def test_in_japan_one_of_the_three_names_must_stay(api):
    path = f"{PATH}/{shop(api, JAPAN)['id']}"
    assert api.post(path, "address[line1]=a").error["param"] == "address"
    assert api.post(path, "display_name_kana=").error["code"] == "parameter_missing"
    changed = api.post(path, "display_name_kana=&display_name=Shop&address_kana[city]=c").body
    assert "display_name_kana" not in changed
    assert changed["address_kana"]["city"] == "c"
    assert changed["address_kana"]["line1"] == "a"


def test_an_assigned_configuration_is_shown_until_it_is_unset(api):
    made = shop(api)
    mine = api.post("/v1/terminal/configurations", "name=Bar").body["id"]
    path = f"{PATH}/{made['id']}"
    assert api.post(path, f"configuration_overrides={mine}").body["configuration_overrides"] == mine
    assert api.post(path, "configuration_overrides=").body == made


def test_the_default_configuration_is_assigned_to_no_location(api):
    default = api.get("/v1/terminal/configurations").body["data"][0]["id"]
    answer = api.post(PATH, form("GB", ["line1", "city", "postal_code"]) + f"&configuration_overrides={default}")
    assert (answer.status, answer.error["param"]) == (400, "configuration_overrides")


def test_a_location_is_of_one_account(api):
    made = shop(api)
    assert api.get(f"{PATH}/{made['id']}", key="sk_test_other").status == 404
    assert api.delete(f"{PATH}/{made['id']}", key="sk_test_other").status == 404
