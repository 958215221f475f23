"""``countertop reader models``: without a server."""

from __future__ import annotations

import json

from tests.cli.conftest import Countertop


def test_all_models_are_listed_with_codes_and_countries(countertop: Countertop) -> None:
    done = countertop("reader", "models")
    assert done.status == 0
    rows = {line.split()[0]: line for line in done.out.splitlines()}
    assert "simulated-wpe" in rows["bbpos_wisepos_e"]
    assert "tips, inputs" in rows["bbpos_wisepos_e"]
    assert rows["stripe_m2"].split()[1:] == ["mobile", "-", "-", "US"]
    assert rows["verifone_m425"].endswith("(preview: CA US) (private: AU)")


def test_one_model_is_described_with_its_variants(countertop: Countertop) -> None:
    out = countertop("reader", "models", "stripe_s710").out
    assert 'screen            5.5", 1080×1920' in out
    assert "links             ethernet, wifi, cellular" in out, "first choice first"
    assert "simulator         simulated-s710 (simulated_stripe_s710)" in out
    [line] = [line for line in out.splitlines() if line.startswith("stripe_s710_eu_off")]
    assert line.split()[1:6] == ["GB", "IE", "FI", "ga", "offline"]
    assert line.endswith("1.00.03.00 / szzz_prod_eu_off_v3 / 2.2.22")


def test_models_of_one_country(countertop: Countertop) -> None:
    found = json.loads(countertop("reader", "models", "--country", "jp", "--json").out)
    assert [model["name"] for model in found] == ["bbpos_wisepad3", "stripe_s700"]
    assert [variant["countries"] for model in found for variant in model["variants"]] == [["JP"], ["JP"]]
    assert countertop("reader", "models", "stripe_m2", "--country", "FR").out == "No stripe_m2 can be had in FR.\n"


def test_a_model_as_json(countertop: Countertop) -> None:
    found = json.loads(countertop("reader", "models", "bbpos_wisepos_e", "--json").out)
    assert found["simulated"]["registration_code"] == "simulated-wpe"
    assert {"name", "countries", "stage", "pin", "config"} <= set(found["variants"][0])


def test_a_misspelt_model_is_put_right(countertop: Countertop) -> None:
    done = countertop("reader", "models", "verifone_p400")
    assert done.status == 1
    assert "did you mean verifone_P400?" in done.err
