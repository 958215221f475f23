"""Merchant categories: the table is the SDK's, and codes go both ways."""

import pytest

from countertop.api.catalog import load
from countertop.services.issuing import categories


def test_the_names_are_those_of_the_sdk():
    allowed = load().enum("%issuing.CardCreateSpendingControls.allowed_categories")
    assert sorted(allowed) == list(categories.names())
    assert len(categories.names()) == 295


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ac_refrigeration_repair", "7623"),
        ("agricultural_cooperative", "0763"),
        ("automated_cash_disburse", "6011"),
        ("government_licensed_online_casions_online_gambling_us_region_only", "7801"),
        ("hotels_motels_and_resorts", "7011"),
        ("wrecking_and_salvage_yards", "5935"),
    ],
)
def test_codes_of_names(name, code):
    assert categories.code_of(name) == code
    assert categories.of_code(code) == name


def test_every_code_has_four_digits_and_leads_back_to_a_category_of_that_code():
    for name in categories.names():
        code = categories.code_of(name)
        assert len(code) == 4
        assert code.isdigit()
        if name != categories.MISCELLANEOUS:
            assert categories.code_of(categories.of_code(code)) == code


def test_of_two_names_for_a_code_the_certain_one_is_meant():
    assert categories.code_of("truck_stop_iteration") == "5541"
    assert categories.of_code("5541") == "service_stations"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("3000", "airlines_air_carriers"),
        ("3299", "airlines_air_carriers"),
        ("3366", "car_rental_agencies"),
        ("3501", "hotels_motels_and_resorts"),
        ("3999", "hotels_motels_and_resorts"),
        ("3300", "miscellaneous"),
        ("9999", "miscellaneous"),
        ("", "miscellaneous"),
        ("٣٠٠٠", "miscellaneous"),
    ],
)
def test_codes_beyond_the_table(code, name):
    assert categories.of_code(code) == name


def test_an_unknown_category_is_refused_by_name_and_place(desk):
    error = desk.refused(
        "/v1/test_helpers/issuing/authorizations",
        card=desk.card(),
        amount=100,
        merchant_data={"category": "hotels_motels_resorts"},
    )
    assert error["param"] == "merchant_data[category]"
    assert "code" not in error
