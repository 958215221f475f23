"""Every published card has a chip, made of data that other packages can add to."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from countertop import plugins
from countertop.cards import UnknownCard, all_cards
from countertop.cards.chip import FAULTS, find_profile, known, profile_names, profile_of
from countertop.emv.atr import check_emv, parse_atr
from countertop.errors import ConfigurationError

# Dedicated file names: terminal.md §2.8; the others: the public AID list (card-hardware.md E.9).
AIDS = {
    "visa": ["A0000000031010"],
    "visa_debit": ["A0000000031010", "A0000000980840"],
    "visa_us_common_debit": ["A0000000980840", "A0000000031010"],
    "mastercard": ["A0000000041010"],
    "amex": ["A00000002501"],
    "discover": ["A0000001523010"],
    "diners": ["A0000001523010"],
    "jcb": ["A0000000651010"],
    "unionpay": ["A000000333010102"],
    "interac": ["A0000002771010"],
    "eftpos_au_debit": ["A00000038410", "A00000038420"],
    "eftpos_au_visa_debit": ["A00000038410", "A0000000031010"],
    "eftpos_au_mastercard_debit": ["A00000038410", "A0000000041010"],
    "cartes_bancaires_visa_debit": ["A0000000421010", "A0000000031010"],
    "cartes_bancaires_mastercard_debit": ["A0000000421010", "A0000000041010"],
    "girocard_debit": ["A0000003591010028001"],
}


@pytest.mark.parametrize("name", [card.name for card in all_cards()])
def test_every_card_has_a_chip_that_emv_allows(name: str) -> None:
    profile = find_profile(name)
    assert profile.card.name == name
    check_emv(parse_atr(profile.atr))
    assert [application.priority for application in profile.applications] == list(
        range(1, len(profile.applications) + 1)
    )
    for application in profile.applications:
        assert 1 <= len(application.label) <= 16
        assert len(application.preferred_name) <= 16
    assert {application.network for application in profile.applications} == set(profile.card.networks)


@pytest.mark.parametrize("name", AIDS)
def test_applications_are_those_of_the_schemes(name: str) -> None:
    assert [application.aid.hex().upper() for application in find_profile(name).applications] == AIDS[name]


def test_both_protocols_and_all_kinds_of_authentication_are_there() -> None:
    profiles = [profile_of(card) for card in all_cards()]
    assert {parse_atr(profile.atr).protocols for profile in profiles} == {(0,), (1,)}
    assert {application.auth for profile in profiles for application in profile.applications} == {
        "cda", "dda", "sda", "none",
    }  # fmt: skip


def test_the_pin_follows_from_the_card() -> None:
    # X and Y zero, then the rules: card-hardware.md E.5.
    assert find_profile("visa").applications[0].cvm_list.hex().upper() == "0000000000000000" + "5F03440341034203"
    offline = find_profile("offline_pin_cvm").applications[0]
    assert offline.cvm_list.hex().upper() == "0000000000000000" + "440341035E031F03"
    assert offline.iac_denial[2] & 0x20, "too many wrong PINs end in a decline"
    assert find_profile("online_pin_cvm").applications[0].cvm_list.hex().upper() == "0000000000000000" + "42035E031F03"
    interac = find_profile("interac").applications[0].cvm_list[8:]
    assert {code & 0x3F for code in interac[::2]} == {1, 2, 4}, "no way around the PIN"


def test_two_cards_of_one_number_differ_in_their_sequence_number() -> None:
    debit, common = find_profile("visa_debit"), find_profile("visa_us_common_debit")
    assert debit.card.number == common.card.number
    assert (debit.psn, common.psn) == (1, 2)


def test_cards_are_found_by_number_too_and_unknown_ones_are_refused() -> None:
    assert find_profile("4242 4242 4242 4242").name == "visa"
    assert find_profile("Visa-Debit").name == "visa_debit"
    with pytest.raises(UnknownCard, match="Did you mean visa"):
        find_profile("viza")


# --- cards of other packages ---------------------------------------------------------------------------------

# The example of the documentation is the example that works.
DOCS = (Path(__file__).parents[2] / "docs" / "cards.md").read_text(encoding="utf-8")
_, LOYALTY, APPLICATION = (block.partition("```")[0] for block in DOCS.split("```toml\n")[1:])


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder of card files, and a way to be another package that has them."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "applications").mkdir()

    def install(folder_of=lambda: tmp_path) -> Path:
        point = EntryPoint("mine", "somewhere:cards", known.GROUP)
        monkeypatch.setattr(EntryPoint, "load", lambda self: folder_of)
        monkeypatch.setattr(plugins, "points_of", lambda group: (point,) if group == known.GROUP else ())
        return tmp_path

    for cached in (known._other_folders, known._of_other_packages):
        cached.cache_clear()
    yield install
    for cached in (known._other_folders, known._of_other_packages):
        cached.cache_clear()


def test_another_package_adds_a_card(package) -> None:
    folder = package()
    (folder / "profiles" / "loyal.toml").write_text(LOYALTY)
    (folder / "applications" / "loyalty.toml").write_text(APPLICATION)
    profile = find_profile("loyal")
    assert profile.card.name == "mastercard"
    assert (profile.psn, profile.pin_tries, profile.atr.hex().upper()) == (7, 5, "3B6500002063CB6800")
    own, ours = profile.applications
    assert (own.label, own.confirm, own.aid.hex().upper()) == ("LOYALTY", True, "A00000000499990001")
    assert (ours.auth, ours.cvn) == ("dda", "mastercard_20")
    assert profile_names()[-1] == "loyal"


def test_faults_are_documented() -> None:
    rows = {
        line.split("`")[1].removesuffix(":N"): line.split("|")[2].strip()
        for line in DOCS.splitlines()
        if line.startswith("| `")
    }
    for name, words in FAULTS.items():
        assert words.startswith(rows[name])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("card = 1", "profiles/loyal.toml: card"),
        ("colour = 'red'", "colour"),
        ("not toml", "profiles/loyal.toml is not TOML"),
        ("card = 'visa'\n[[applications]]\nfrom = 'nothing'", "no card application 'nothing'"),
        ("card = 'visa'\n[[applications]]\nfrom = 'visa'\ncvn = 'visa_99'", "there is no 'visa_99'"),
        ("card = 'visa'\n[[applications]]\nfrom = 'visa'\niac_denial = '00'", "iac_denial"),
        ("card = 'nobody'", "no test card called 'nobody'"),
    ],
)
def test_a_wrong_file_says_what_to_mend(package, text: str, why: str) -> None:
    (package() / "profiles" / "loyal.toml").write_text(text)
    with pytest.raises((ConfigurationError, UnknownCard), match=why):
        find_profile("loyal")


def test_a_broken_package_is_one_warning(package) -> None:
    package(lambda: 1 / 0)
    with pytest.warns(plugins.PluginWarning, match="countertop.card_profiles is left out: ZeroDivisionError"):
        assert profile_names()[-1] == all_cards()[-1].name
