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
    assert complaint(file, text).startswith(f"{file}, line {line}: {key}: ")


PLACE = '[[location]]\ndisplay_name = "A"\ncountry = "GB"\n'
READER = PLACE + '[[reader]]\nlocation = "A"\n'
TIPS = '[[configuration]]\nname = "C"\n'


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (PLACE.replace("country", "cuntry"), 3, "location.cuntry: there is no such key (did you mean country?); there"),
        (READER + 'modle = "x"\n', 6, "reader.modle: there is no such key (did you mean model?)"),
        (READER + 'model = "verifone_p400"\n', 6, "reader.model: There is no reader model 'verifone_p400' (did you me"),
        (READER + 'model = "stripe_m2"\n', 6, "reader.model: The stripe_m2 is not sold in 'GB'. It is in: US"),
        (READER + 'model = "bbpos_wisepad3"\n', 6, "reader.model: a bbpos_wisepad3 is registered by the SDK of the ph"),
        (
            READER.replace("GB", "CA") + 'model = "verifone_P400"\n',
            6,
            "reader.model: there is no simulator of the verifone_P400; set simulated = false",
        ),
        (READER.replace('"GB"', '"JP"'), 5, "reader.location: The bbpos_wisepos_e is not sold in 'JP'. It is in: AT"),
        (READER + 'sku = "stripe_s700_uk"\n', 6, "reader.sku: There is no reader variant 'stripe_s700_uk' (did you m"),
        (READER + 'sku = "stripe_s700_us"\n', 6, "reader.sku: a simulated reader is of its location's country, GB;"),
        (READER + 'country = "US"\n', 6, "reader.country: a simulated reader is of its location's country, GB; set"),
        (
            READER + 'sku = "stripe_s700_us"\nmodel = "stripe_t600"\n',
            6,
            "reader.sku: stripe_s700_us is a stripe_s700, not a stripe_t600; leave model out",
        ),
        (
            READER + 'sku = "stripe_s700_us"\nsimulated = false\ncountry = "FR"\n',
            8,
            "reader.country: stripe_s700_us is for US; leave country out",
        ),
        (READER + 'country = "gb"\n', 6, "reader.country: String should match pattern"),
        (READER + 'faults = ["ofline"]\n', 6, "reader.faults: there is no fault 'ofline' (did you mean offline?); the"),
        (
            READER + "[[reader.fault]]\nname = 'x'\nat = '12:00'\nfor = '1s'\n",
            7,
            "reader.fault.name: there is no fault",
        ),
        (
            READER + "[[reader.fault]]\nname = 'offline'\nat = 'noon'\nfor = '1s'\n",
            8,
            "reader.fault.at: 'noon' is no time: write a time of day such as \"12:00\"",
        ),
        (
            READER + "[[reader.fault]]\nname = 'offline'\nat = 12:00:00\nfor = 90\n",
            9,
            "reader.fault.for: '90' is no durat",
        ),
        (
            READER + "[[reader.fault]]\nname = 'offline'\nat = 12:00:00\nfor = '0s'\n",
            9,
            "reader.fault.for: '0s' is no dur",
        ),
        (READER + "[[reader.fault]]\nname = 'offline'\nfor = '1s'\n", 6, "reader.fault.at: is missing"),
        (
            READER + "fault = [{ name = 'offline', for = '1s' }]\n",
            6,
            "reader.fault.at: is missing",
        ),
        (PLACE.replace("GB", "ZZ"), 3, "location.country: there is no country 'ZZ'; there are: US"),
        ("[[account]]\nkey = 'sk_test_a'\ncountry = 'United'\n", 3, "account.country: there is no country 'United'"),
        (
            PLACE + 'configuration = "C"\n',
            4,
            "location.configuration: there is no [[configuration]] 'C'; there are: non",
        ),
        (
            TIPS + "default = true\n" + PLACE + 'configuration = "C"\n',
            7,
            "location.configuration: the account's default holds everywhere, leave this key out",
        ),
        (TIPS + TIPS, 4, "configuration.name: there are two called 'C'"),
        (TIPS + "default = true\n" + TIPS.replace("C", "D") + "default = true\n", 6, "configuration.default: sk_test_"),
        (
            TIPS + "tipping = { gbp = { percentages = [10, 120] } }\n",
            3,
            "configuration.tipping.gbp.percentages: Invalid integer: 120",
        ),
        (
            TIPS + "[configuration.tipping.gbp]\nfixed_amounts = [1]\npercentages = [-1]\n",
            5,
            "configuration.tipping.gbp.percentages: Invalid integer: -1",
        ),
        (TIPS + "[configuration.offline]\n", 3, "configuration.offline: Dictionary should have at least 1 item"),
        (TIPS + "reboot_window = { start_hour = 3, end_hour = 3 }\n", 3, "configuration.reboot_window.end_hour: "),
        ("[fleet]\nseed = [1]\n", 2, "fleet.seed"),
        ("[fleet]\nsead = 1\n", 2, "fleet.sead: there is no such key (did you mean seed?); there are: seed"),
    ],
)
def test_an_error_says_what_to_do(file: Path, text: str, line: int, says: str) -> None:
    told = complaint(file, text)
    assert told.startswith(f"{file}, line {line}: {says}"), told


def complaint(file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        read_fleet(file)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_two_readers_of_a_location_cannot_have_one_label(file: Path) -> None:
    other = '[[reader]]\nlocation = "A"\nlabel = "Till 2"\n'
    text = READER + 'label = "Till"\ncount = 2\n' + other
    assert complaint(file, text).startswith(f"{file}, line 10: reader.label: there is another 'Till 2' at 'A'; give")


def test_the_example_of_the_documentation_is_right(file: Path, bench: Bench) -> None:
    page = Path(__file__).parents[2] / "docs" / "fleet-files.md"
    file.write_text(page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0])
    fleet = read_fleet(file)
    assert fleet.seed == "shop-1"
    assert [entry.label for entry in fleet.reader] == ["Till", "Traveller"]


def test_a_wrong_reader_among_many_is_told_by_its_own_line(file: Path) -> None:
    tables = ['[[reader]]\nlocation = "A"\n[[reader.fault]]\nname = "offline"\nat = "12:00"\nfor = "1s"\n'] * 3
    wrong = tables[0].replace("1s", "soon")
    assert ", line 27: reader.fault.for: 'soon'" in complaint(file, PLACE + "".join(tables) + wrong)


WHOLE = """
[fleet]
seed = "shop-1"

[[account]]
key = "sk_test_paris"
country = "FR"

[[configuration]]
name = "House"
key = "sk_test_paris"
default = true
offline = { enabled = true }

[[configuration]]
name = "Terrace"
key = "sk_test_paris"
[configuration.tipping.eur]
fixed_amounts = [100, 200, 300]
percentages = [5, 10, 15]
smart_tip_threshold = 1000

[[location]]
display_name = "Bar"
key = "sk_test_paris"
configuration = "Terrace"

[[location]]
display_name = "Tokyo"
key = "sk_test_tokyo"
country = "JP"

[[reader]]
location = "Bar"
model = "stripe_s710"
count = 2
label = "Till"
faults = ["offline"]

[[reader]]
location = "Bar"
sku = "verifone_p630_us"
simulated = false
label = "Traveller"

[[reader]]
location = "Tokyo"
model = "stripe_s700"
label = "T"
"""


def test_models_configurations_and_faults_of_a_fleet(file: Path, bench: Bench) -> None:
    file.write_text(WHOLE)
    fleet = read_fleet(file)
    assert fleet.seed == "shop-1"
    for _ in range(2):
        prepare(bench, Wishes(fleet=fleet))
        paris = "sk_test_paris"
        readers = {view["label"]: view for view in bench.call("GET", "/v1/terminal/readers", key=paris)["data"]}
        assert sorted(readers) == ["Till 1", "Till 2", "Traveller"]
        assert readers["Till 1"]["device_type"] == "simulated_stripe_s710"
        assert readers["Traveller"]["device_type"] == "verifone_p630"
        for label, faults in (("Till 1", ("offline",)), ("Till 2", ("offline",)), ("Traveller", ())):
            serial = readers[label]["serial_number"]
            state = bench.transact(lambda tx, serial=serial: bench.devices.state(tx, serial))
            assert tuple(state.faults) == faults
        found = {entry["name"]: entry for entry in bench.call("GET", "/v1/terminal/configurations", key=paris)["data"]}
        assert sorted(found) == ["House", "Terrace"]
        assert (found["House"]["is_account_default"], found["House"]["offline"]) == (True, {"enabled": True})
        [bar] = bench.call("GET", "/v1/terminal/locations", key=paris)["data"]
        assert bar["configuration_overrides"] == found["Terrace"]["id"]
    [tokyo] = bench.call("GET", "/v1/terminal/locations", key="sk_test_tokyo")["data"]
    assert tokyo["address"]["country"] == "JP"


def test_what_only_the_open_world_knows_is_told_with_its_line_too(file: Path, bench: Bench) -> None:
    bench.configure_account("sk_test_x", country="GB")
    file.write_text(
        '[[location]]\ndisplay_name = "A"\nkey = "sk_test_x"\n[[reader]]\nlocation = "A"\nmodel = "stripe_t600"\n'
    )
    fleet = read_fleet(file)
    with pytest.raises(ConfigurationError) as refused:
        prepare(bench, Wishes(fleet=fleet))
    assert str(refused.value).startswith(f"{file}, line 6: reader.model: The stripe_t600 is not sold in 'GB'")
    file.write_text('[[location]]\ndisplay_name = "B"\ncountry = "GB"\naddress = { line1 = "x" }\n')
    with pytest.raises(ConfigurationError) as refused:
        prepare(bench, Wishes(fleet=read_fleet(file)))
    assert str(refused.value).startswith(f"{file}, line 4: location.address.city: ")


def test_faults_are_planned_once_for_every_reader_of_an_entry(file: Path, bench: Bench) -> None:
    moments = ['at = "2026-01-01T00:00:30Z"\nfor = "90s"', "at = 12:00:00", 'at = 2025-12-31T23:59:59Z\nfor = "1h"']
    faults = "".join(f'[[reader.fault]]\nname = "offline"\n{at}\n' for at in moments)
    file.write_text(READER + "count = 2\n" + faults)
    for _ in range(3):
        prepare(bench, Wishes(fleet=read_fleet(file)))

    def faulty() -> set[bool]:
        serials = bench.transact(bench.devices.serials)
        assert len(serials) == 2
        return {
            bench.transact(lambda tx, serial=serial: bench.devices.state(tx, serial)).faults != () for serial in serials
        }

    seen = []
    for seconds in (29, 1, 89, 1, 12 * 3600 - 121, 1, 24 * 3600):
        bench.advance(seconds=seconds)
        seen.append(faulty())
    assert seen == [{False}, {True}, {True}, {False}, {False}, {True}, {True}], "yesterday's fault is not made up for"


def test_thousands_of_readers_are_put_up_by_one_entry(file: Path, bench: Bench) -> None:
    file.write_text(PLACE + '[[reader]]\nlocation = "A"\ncount = 2000\nlabel = "Till"\n')
    prepare(bench, Wishes(fleet=read_fleet(file)))
    assert len(bench.transact(bench.devices.serials)) == 2_000


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
