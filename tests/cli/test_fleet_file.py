"""Fleet files: what they declare, and what is said about those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from countertop.bench import Bench
from countertop.cli.fleet_file import read_fleet
from countertop.cli.set_up import Wishes, prepare
from countertop.errors import ConfigurationError

GOOD = """
[[account]]
key = "sk_test_london"
country = "GB"
business_name = "Bean & Leaf"

[[location]]
display_name = "Covent Garden"
key = "sk_test_london"

[[location]]
display_name = "Mission"
address = { line1 = "1 Mission St", city = "San Francisco", state = "CA", postal_code = "94103" }

[[reader]]
location = "Covent Garden"
count = 2
label = "Till"

[[reader]]
location = "Mission"
simulated = false
label = "Bar"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fleet.toml"


def test_a_fleet_is_put_up_once(file: Path, bench: Bench) -> None:
    file.write_text(GOOD)
    for _ in range(2):
        prepare(bench, Wishes(fleet=read_fleet(file)))
        london = bench.call("GET", "/v1/terminal/readers", key="sk_test_london")["data"]
        assert sorted(reader["label"] for reader in london) == ["Till 1", "Till 2"]
        [bar] = bench.call("GET", "/v1/terminal/readers")["data"]
        assert (bar["label"], bar["device_type"]) == ("Bar", "bbpos_wisepos_e")
    assert bench.account("sk_test_london").business_name == "Bean & Leaf"
    [place] = bench.call("GET", "/v1/terminal/locations", key="sk_test_london")["data"]
    assert place["address"]["country"] == "GB"


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('[[location]]\ndisplay_name = "A"\n\n[[reader]]\nlocation = "A"\ncount = 0\n', 6, "reader.count"),
        ('[[location]]\ndisplay_name = "A"\n\n[[reader]]\nlocation = "B"\n', 5, "reader.location"),
        ('[[location]]\ndisplay_name = "A"\ncuntry = "US"\n', 3, "location.cuntry"),
        ('[[location]]\ndisplay_name = "A"\n[[location]]\nkey = "sk_test_x"\n', 3, "location.display_name"),
        ('[[location]]\ndisplay_name = "A"\nkey = "sk_live_x"\n', 3, "location.key"),
        ("[[reders]]\ncount = 1\n", 1, "reders"),
        ('# a comment\n[[account]]\nkey = "sk_test_x"\ncountry = 7\n', 4, "account.country"),
    ],
)
def test_an_error_names_file_line_and_key(file: Path, text: str, line: int, key: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        read_fleet(file)
    assert str(refused.value).startswith(f"{file}, line {line}: {key}: "), str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_not_toml_is_told_with_its_line(file: Path) -> None:
    file.write_text("[[reader]\n")
    with pytest.raises(ConfigurationError, match="line 1"):
        read_fleet(file)


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"fleet\.toml cannot be read"):
        read_fleet(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_fleet(file)


def test_a_number_of_readers_is_seen_to(bench: Bench) -> None:
    prepare(bench, Wishes(readers=1))
    first = bench.call("GET", "/v1/terminal/readers")["data"][0]["id"]
    prepare(bench, Wishes(readers=3))
    readers = bench.call("GET", "/v1/terminal/readers")["data"]
    assert len(readers) == 3
    assert first in [reader["id"] for reader in readers]


def test_a_forwarding_endpoint_is_made_once_and_keeps_its_secret(bench: Bench) -> None:
    first = prepare(bench, Wishes(forward_to="http://127.0.0.1:9/hook"))
    again = prepare(bench, Wishes(forward_to="http://127.0.0.1:9/hook", events=("customer.created",)))
    assert first is not None
    assert first.startswith("whsec_")
    assert again == first
    [endpoint] = bench.call("GET", "/v1/webhook_endpoints")["data"]
    assert endpoint["enabled_events"] == ["customer.created"]


def test_declared_accounts_have_their_country(bench: Bench) -> None:
    prepare(bench, Wishes(accounts=("sk_test_london=GB",)))
    assert bench.account("sk_test_london").country == "GB"
    with pytest.raises(ConfigurationError, match="declares no account"):
        prepare(bench, Wishes(accounts=("sk_test_london",)))
