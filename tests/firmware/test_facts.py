"""The data files against the published tables (terminal.md §2.1, §5.1, §5.2, §5.3), copied out here by hand."""

from __future__ import annotations

import re

import pytest

import countertop_firmware
from countertop.accounts import CURRENCY_OF
from countertop.api.catalog import load
from countertop.readers.models import shelf

GA = "AT AU BE CA CH CZ DE DK ES FI FR GB IE IT LU MY NL NO NZ PT SE SG US".split()
EU_ON = "AT BE CH CZ DE DK ES FR IT LU NL NO PT SE"
# §5.2: countries, WisePOS E firmware and config, S700/S710 config.
REGIONS = [
    ("US", "5.01.03.00", "szzz_us_v19", "szzz_us_v11"),
    ("CA", "5.01.03.00", "szzz_ca_v17", "szzz_ca_v4"),
    ("AU", "5.01.03.00.eftpos", "szzz_prod_au_v11", "szzz_prod_au_v11"),
    ("MY NZ", "5.01.03.00", "szzz_prod_apac_on_v4", "szzz_prod_apac_on_v5"),
    ("SG", "5.01.03.00", "szzz_prod_apac_off_v4", "szzz_prod_apac_on_v5"),
    ("GB IE FI", "5.01.03.00", "szzz_prod_eu_off_v11", "szzz_prod_eu_off_v3"),
    (EU_ON, "5.01.03.00", "szzz_prod_eu_on_v7", "szzz_prod_eu_on_v5"),
]
WISEPAD3 = {
    "AU MY NZ": "4.01.03.00_Prod_APAC1_on_v28_491001",
    "SG HK": "4.01.03.00_Prod_APAC1_off_v17_491001",
    "AT BE CH IT LU NL": "4.01.03.00_Prod_EU_W1_on_v28_510001",
    "FR": "4.01.03.00_FR_v26_511001",
    "DE": "4.01.03.00_DE_v31_511001",
    "DK NO SE": "4.01.03.00_Prod_EU_W2_on_v21_510001",
    "ES PT": "4.01.03.00_Prod_EU_W3_on_v13_510001",
    "CZ": "4.01.03.00_Prod_EU_E1_on_v9_51001",
    "GB IE FI": "4.01.03.00_Prod_EU_W1_off_v23_510001",
    "CA": "4.01.03.00_Prod_NA_off_v30_480001",
    "JP": "4.01.03.00_JP_v14_491001",
}
# §5.1: where each device can be had, by stage.
SOLD = {
    ("bbpos_wisepos_e", "ga"): " ".join(GA),
    ("bbpos_wisepos_e", "preview"): "PL",
    ("stripe_s700", "ga"): " ".join(GA),
    ("stripe_s700", "preview"): "JP PL",
    ("stripe_s710", "ga"): " ".join(country for country in GA if country != "DE"),
    ("stripe_s710", "preview"): "PL",
    ("stripe_t600", "ga"): "AU US",
    ("stripe_m2", "ga"): "US",
    ("bbpos_wisepad3", "ga"): " ".join(country for country in GA if country != "US"),
    ("bbpos_wisepad3", "preview"): "JP PL",
    ("bbpos_wisepad3", "private"): "HK",
    ("bbpos_chipper2x", "legacy"): "US",
    ("verifone_P400", "legacy"): "CA US",
    ("verifone_v660p", "ga"): "US",
    ("verifone_v660p", "preview"): "CA",
    ("verifone_v660p", "private"): "AU GB IE SG",
    ("verifone_ux700", "ga"): "US",
    ("verifone_ux700", "preview"): "CA",
    ("verifone_ux700", "private"): "AU GB IE",
    ("verifone_p630", "ga"): "US",
    ("verifone_p630", "preview"): "CA",
    ("verifone_p630", "private"): "AU GB IE SG",
    ("verifone_m425", "preview"): "CA US",
    ("verifone_m425", "private"): "AU",
}
SERIALS = {
    "bbpos_wisepos_e": "WSC513105011295",
    "stripe_m2": "STRM26138003393",
    "bbpos_chipper2x": "CHB204832000744",
    "verifone_P400": "123-456-789",
}
SIMULATORS = {
    "simulated-wpe": "simulated_wisepos_e",
    "simulated-s700": "simulated_stripe_s700",
    "simulated-s710": "simulated_stripe_s710",
    "simulated-t600": "simulated_stripe_t600",
    "simulated-m425": "simulated_verifone_m425",
    "simulated-p630": "simulated_verifone_p630",
    "simulated-ux700": "simulated_verifone_ux700",
    "simulated-v660p": "simulated_verifone_v660p",
}
WITH_TIPS_ON_WISEPAD3 = set("AU CA FR DE IE NL NZ SG GB".split())
PHONES = {"mobile_phone_reader"}


def places(countries: str) -> list[str]:
    return countries.split()


@pytest.mark.parametrize("country", GA)
def test_every_country_has_a_wisepos_e_and_an_s700(country):
    for model in ("bbpos_wisepos_e", "stripe_s700"):
        assert shelf().variant(model, country).stage == "ga"


@pytest.mark.parametrize(("countries", "firmware", "wisepos_e", "s700"), REGIONS)
def test_the_software_of_each_region(countries, firmware, wisepos_e, s700):
    for country in places(countries):
        found = shelf().variant("bbpos_wisepos_e", country)
        assert (found.firmware, found.config, found.rom) == (firmware, wisepos_e, "1.8.4")
        for model in ("stripe_s700", "stripe_s710"):
            if (model, country) != ("stripe_s710", "DE"):
                found = shelf().variant(model, country)
                assert (found.firmware, found.config, found.rom) == ("1.00.03.00", s700, "2.2.22")


def test_the_regions_are_the_whole_table():
    assert sorted(country for countries, *_ in REGIONS for country in places(countries)) == GA


@pytest.mark.parametrize(("countries", "key"), WISEPAD3.items())
def test_the_version_string_of_each_wisepad3(countries, key):
    for country in places(countries):
        found = shelf().variant("bbpos_wisepad3", country)
        assert found.firmware_config_key == found.model.app_version == key
        assert key.startswith(f"{found.firmware}_{found.config}_")
        if "_on_" in key or "_off_" in key:
            assert found.pin == ("online" if "_on_" in key else "offline")


def test_pin_regions_agree_with_the_name_of_the_configuration():
    for name in countertop_firmware.sku_names():
        sku = shelf().sku(name)
        if re.search(r"_(on|off)_v\d+$", sku.config):
            assert sku.pin == ("online" if "_on_v" in sku.config else "offline"), name
        if "US" in sku.countries:
            assert sku.pin == "none", name


def test_each_device_is_sold_where_the_matrix_says_and_nowhere_else():
    found: dict[tuple[str, str], list[str]] = {}
    for name in countertop_firmware.sku_names():
        sku = shelf().sku(name)
        found.setdefault((sku.model.name, sku.stage), []).extend(sku.countries)
    assert {key: sorted(countries) for key, countries in found.items()} == {
        key: sorted(places(countries)) for key, countries in SOLD.items()
    }
    assert {country for countries in found.values() for country in countries} <= CURRENCY_OF.keys()


def test_the_models_are_those_of_the_api_and_are_spelled_alike():
    resource = load().resource("terminal.reader")
    enum = set(load().enum(resource.fields["device_type"].code))
    models = [shelf().model(name) for name in countertop_firmware.model_names()]
    real = {model.device_type for model in models}
    simulated = {model.simulated.device_type for model in models if model.simulated}
    assert real | simulated | PHONES == enum
    assert {model.name for model in models} == real


@pytest.mark.parametrize(("code", "device_type"), SIMULATORS.items())
def test_a_simulator_code_makes_its_device(code, device_type):
    sku = shelf().simulator(code, "US")
    assert (sku.model.simulated.device_type, sku.model.simulated.registration_code) == (device_type, code)
    assert sku.model.simulated.serial.startswith(code + "-")
    assert sku.model.simulated.ip_address == "0.0.0.0"
    assert "US" in sku.countries


def test_no_simulator_code_belongs_to_two_devices():
    models = [shelf().model(name) for name in countertop_firmware.model_names()]
    codes = [model.simulated.registration_code for model in models if model.simulated]
    assert sorted(codes) == sorted(SIMULATORS)


@pytest.mark.parametrize(("model", "example"), SERIALS.items())
def test_a_published_serial_fits_its_mask(model, example):
    mask = shelf().model(model).serial
    assert re.fullmatch(re.escape(mask).replace(r"\#", r"\d").replace(r"\?", "[0-9a-z]"), example)


def test_what_devices_can_do_besides_payments():
    features = {name: shelf().model(name).features for name in countertop_firmware.model_names()}
    assert [name for name, able in features.items() if "inputs" in able] == [
        "bbpos_wisepos_e",
        "stripe_s700",
        "stripe_s710",
    ]
    assert [name for name, able in features.items() if "print" in able] == ["verifone_v660p"]
    with_tips = {
        country
        for sku in shelf().variants("bbpos_wisepad3")
        for country in sku.countries
        if "tips" in sku.model.features
    }
    assert with_tips == WITH_TIPS_ON_WISEPAD3


def test_domestic_networks_are_known_to_few():
    def knowing(network):
        names = countertop_firmware.model_names()
        return {name for name in names if network not in shelf().model(name).input.unsupported_networks}

    assert knowing("cartes_bancaires") == {"bbpos_wisepad3", "stripe_s700", "stripe_s710"}
    assert knowing("girocard") == {"bbpos_wisepad3", "stripe_s700"}


def test_mobile_readers_hang_on_a_phone():
    mobile = [shelf().model(n) for n in countertop_firmware.model_names() if shelf().model(n).kind == "mobile"]
    assert [model.name for model in mobile] == ["bbpos_chipper2x", "bbpos_wisepad3", "stripe_m2"]
    assert all(model.simulated is None for model in mobile)
    m2, wisepad = shelf().model("stripe_m2"), shelf().model("bbpos_wisepad3")
    assert (m2.screen, m2.power.restart_after_hours, m2.power.off_after_idle_minutes) == (None, 24, 600)
    assert (wisepad.screen.width, wisepad.screen.height) == (320, 240)
    assert (wisepad.power.restart_after_hours, wisepad.power.off_after_unconnected_minutes) == (24, 5)
