"""Exchange rates: exact, rounded half up, for every currency that the API knows."""

import pytest

from countertop.api.errors import ApiError
from countertop.iso_codes import CURRENCIES
from countertop.services.issuing.rates import convert, share, table


def test_every_currency_has_a_rate_and_none_is_of_no_currency():
    assert set(table()) == set(CURRENCIES)
    assert all(rate > 0 for rate in table().values())


@pytest.mark.parametrize(
    ("amount", "source", "target", "rates", "expected"),
    [
        (1234, "usd", "usd", {}, 1234),
        (1000, "eur", "usd", {"eur": "1.5"}, 1500),
        (1, "eur", "usd", {"eur": "1.5"}, 2),
        (1, "eur", "usd", {"eur": "1.49"}, 1),
        (-1, "eur", "usd", {"eur": "1.5"}, -2),
        (1000, "jpy", "usd", {"jpy": "0.01"}, 1000),
        (1000, "usd", "jpy", {"jpy": "0.01"}, 1000),
        (1000, "kwd", "usd", {"kwd": "3"}, 300),
        (300, "usd", "kwd", {"kwd": "3"}, 1000),
        (333, "gbp", "eur", {"gbp": "2", "eur": "1"}, 666),
    ],
)
def test_conversion(amount, source, target, rates, expected):
    assert convert(amount, source, target, rates) == expected


def test_a_currency_that_nobody_knows():
    with pytest.raises(ApiError, match="no exchange rate"):
        convert(1, "usd", "xyz", {})


@pytest.mark.parametrize(
    ("whole", "part", "of", "expected"), [(100, 1, 3, 33), (100, 2, 3, 67), (7, 5, 5, 7), (9, 4, 0, 4)]
)
def test_shares(whole, part, of, expected):
    assert share(whole, part, of) == expected
