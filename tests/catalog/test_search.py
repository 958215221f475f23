"""The search language (api-conventions §5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.api.search_query import QueryError, parse

PERSON = {
    "name": "Jenny Rosen",
    "email": None,
    "amount": 1250,
    "active": True,
    "metadata": {"order": "42", "a b": "x"},
    "address": {"city": "Bern"},
    "tags": ["red", "blue"],
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('name:"jenny rosen"', True),
        ("name:'Jenny Rosen'", True),
        ('name:"jenny"', False),
        ('name~"ROS"', True),
        ('-name~"ros"', False),
        ("amount:1250", True),
        ('amount:"1250"', True),
        ("amount>1250", False),
        ("amount>=1250", True),
        ("amount>0", True),
        ("amount<2000 amount>1000", True),
        ('amount>"1000"', True),
        ('active:"true"', True),
        ("email:null", True),
        ("-email:null", False),
        ("-name:null", True),
        ('metadata["order"]:"42"', True),
        ("metadata['a b']:'x'", True),
        ('metadata["none"]:null', True),
        ('-metadata["order"]:"43"', True),
        ('address.city:"bern"', True),
        ('tags:"red"', True),
        ('name:"x" OR amount:1250', True),
        ('name:"x" or amount:1', False),
        ('name~"jenny" AND amount:1250', True),
        ('name~"jenny"   amount:1', False),
        ("name>5", False),
    ],
)
def test_matches(query, found):
    assert parse(query).matches(PERSON) is found


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "name",
        "name:",
        "name:jenny",
        'name:"open',
        'name~"ab"',
        "amount~123",
        '(name:"a")',
        'name:"a" AND',
        'AND name:"a"',
        'name:"a" AND name:"b" OR name:"c"',
        'name:"a" name:"b" OR name:"c"',
        " ".join(['name:"abc"'] * 11),
        'amount>"x"',
        "amount>null",
        'name:"a"name:"b"',
    ],
)
def test_bad_queries(query):
    with pytest.raises(QueryError):
        parse(query)


texts = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(texts, texts)
def test_any_text_can_be_searched_for_and_any_metadata_key(key, value):
    document = {"metadata": {key: value}}
    query = f"metadata[{quoted(key)}]:{quoted(value)}"
    assert parse(query).matches(document)
    assert not parse("-" + query).matches(document)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=10), st.integers(0, 5), st.booleans())
def test_and_needs_all_or_needs_one(wanted, actual, any_of):
    query = parse((" OR " if any_of else " AND ").join(f"amount:{number}" for number in wanted))
    hits = [number == actual for number in wanted]
    assert query.matches({"amount": actual}) is (any(hits) if any_of else all(hits))


@given(st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_comparisons_agree_with_numbers(bound, actual):
    document = {"amount": actual}
    assert parse(f"amount>{bound}").matches(document) is (actual > bound)
    assert parse(f"amount<{bound}").matches(document) is (actual < bound)
    assert parse(f"amount>={bound}").matches(document) is (actual >= bound)
    assert parse(f"amount<={bound}").matches(document) is (actual <= bound)


@given(st.text(max_size=200))
def test_any_text_is_a_query_or_a_query_error(text):
    try:
        parse(text).matches(PERSON)
    except QueryError as error:
        assert str(error)
