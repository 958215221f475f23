"""Selection, initiation and reading, command by command (EMV Book 1 §12, Book 3 §10.1 and §10.2)."""

import pytest
from paper_card import AID, ATR, NOT_FOUND, OK, RECORDS, PaperCard, fci, request, run, terminal

from countertop.emv.kernel import ChooseApplication, Silence, TerminalApplication
from countertop.emv.tlv import join, make

OTHER = bytes.fromhex("A0000000041010")
PSE = "00A404000E315041592E5359532E4444463031"


def with_pse(*entries: dict[int, bytes]) -> PaperCard:
    record = make(0x70, b"".join(make(0x61, join(entry.items())) for entry in entries)) + OK
    directory = make(0x6F, make(0x84, b"1PAY.SYS.DDF01") + make(0xA5, make(0x88, b"\x01"))) + OK
    aids = tuple(entry[0x4F] for entry in entries)
    return PaperCard(aids=aids, answers={PSE: directory, "00B2010C": record, "00B2020C": b"\x6a\x83"}, afl="10010100")


def test_without_a_directory_the_terminal_tries_its_list():
    done = run(PaperCard(), answer=None)
    assert done.commands[:3] == ["SELECT 1PAY.SYS.DDF01", "SELECT A0000000031010", "SELECT application"]
    assert done.outcome.data[0x84] == AID


def test_a_directory_makes_the_list_unnecessary():
    done = run(with_pse({0x4F: AID, 0x50: b"VISA"}))
    assert done.commands[:4] == ["SELECT 1PAY.SYS.DDF01", "READ RECORD 1.1", "READ RECORD 1.2", "SELECT application"]


@pytest.mark.parametrize("status", ["6A82", "6283", "6D00"])
def test_no_directory_whatever_the_status(status):
    done = run(PaperCard(answers={PSE: bytes.fromhex(status)}))
    assert "SELECT A0000000031010" in done.commands


def test_a_blocked_card_ends_it_at_once():
    done = run(PaperCard(answers={PSE: b"\x6a\x81"}))
    assert (done.outcome.result, done.outcome.reason) == ("terminated", "card_blocked")
    assert done.commands == ["SELECT 1PAY.SYS.DDF01"]


def test_a_directory_that_breaks_off_is_forgotten():
    card = with_pse({0x4F: AID})
    card.answers["00B2010C"] = b"\x69\x85"
    assert "SELECT A0000000031010" in run(card).commands


def test_the_priority_decides_and_the_holder_is_asked():
    card = with_pse({0x4F: AID, 0x50: b"SECOND", 0x87: b"\x02"}, {0x4F: OTHER, 0x50: b"FIRST", 0x87: b"\x01"})
    both = terminal(applications=(TerminalApplication(AID), TerminalApplication(OTHER)))
    done = run(card, both, choice=0)
    (asked,) = [prompt for prompt in done.prompts if isinstance(prompt, ChooseApplication)]
    assert [candidate.label for candidate in asked.candidates] == ["FIRST", "SECOND"]
    assert done.outcome.data[0x84] == OTHER


def test_one_application_that_wants_to_be_confirmed_is_asked_about():
    done = run(with_pse({0x4F: AID, 0x87: b"\x81"}), choice=None)
    assert (done.outcome.result, done.outcome.reason) == ("terminated", "cancelled")


def test_partial_names_find_every_application_that_begins_so():
    longer = AID + b"\x01"
    card = PaperCard(answers={"00A4040007A0000000031010": fci(longer) + OK, "00A4040207A0000000031010": NOT_FOUND,
                              "00A4040008A000000003101001": fci(longer) + OK})  # fmt: skip
    assert run(card).outcome.data[0x84] == longer
    exact = terminal(applications=(TerminalApplication(AID, partial=False),))
    assert run(card, exact).outcome.reason == "no_application"


def test_a_blocked_application_is_no_candidate():
    card = PaperCard(answers={"00A4040007A0000000031010": fci(AID) + b"\x62\x83"})
    assert run(card).outcome.reason == "no_application"


def test_an_application_that_refuses_the_transaction_makes_way_for_the_next():
    card = PaperCard(aids=(AID, OTHER))
    tries = []

    def refuse_once(command: bytes) -> bytes:
        tries.append(command)
        good = make(0x77, join(((0x82, b"\x00\x00"), (0x94, bytes.fromhex("08010100"))))) + OK
        return b"\x69\x85" if len(tries) == 1 else good

    card.answers["80A8"] = refuse_once
    both = terminal(applications=(TerminalApplication(AID), TerminalApplication(OTHER)))
    assert run(card, both).outcome.data[0x84] == OTHER


def test_the_pdol_is_filled_with_what_it_asks_for():
    pdol = make(0x9F38, bytes.fromhex("9F1A025F2A029F0206DF01025A02"))
    card = PaperCard(answers={"00A4040007A0000000031010": fci(AID, pdol=pdol) + OK})
    run(card, request=request(amount=123456))
    (sent,) = [text for text in card.seen if text.startswith("80A8")]
    assert sent == "80A8000010830E0840084000000012345600000000" + "00"


def test_a_missing_record_object_ends_it():
    for tag in (0x5A, 0x5F24, 0x8C, 0x8D):
        records = {other: value for other, value in RECORDS.items() if other != tag}
        done = run(PaperCard(records=records))
        assert (done.outcome.result, done.outcome.reason) == ("terminated", "card_error")


def test_the_same_object_twice_ends_it():
    done = run(PaperCard(afl="08010200"))
    assert done.outcome.reason == "card_error"
    assert "two objects" in done.outcome.why


@pytest.mark.parametrize("afl", ["", "080101", "00010100", "08000100", "08020100", "08010102", "0F010100"])
def test_an_impossible_file_locator_ends_it(afl):
    assert run(PaperCard(afl=afl)).outcome.reason == "card_error"


def test_an_unusable_atr_gets_one_warm_reset_then_the_stripe():
    done = run(PaperCard(), atr=b"\x00\x00")
    assert (done.outcome.result, done.outcome.reason) == ("fallback", "card_unreadable")
    assert done.commands == []
    assert run(PaperCard(), atr=Silence.REMOVED).outcome.result == "removed"
    assert run(PaperCard(), atr=ATR).outcome.result != "fallback"


def test_a_card_that_falls_silent_ends_in_fallback_and_one_that_leaves_is_gone():
    assert run(PaperCard(answers={"80A8": Silence.MUTE})).outcome.result == "fallback"
    assert run(PaperCard(answers={"80A8": Silence.REMOVED})).outcome.result == "removed"


def test_responses_in_pieces_are_put_together():
    card = PaperCard()
    whole = make(0x70, join(card.records.items()))
    card.answers = {"00B2010C00": b"\x6c\x30", "00B2010C30": whole[:20] + b"\x61\x11", "00C0000011": whole[20:] + OK}
    assert run(card).outcome.data[0x5A] == RECORDS[0x5A]


def test_pieces_without_end_are_an_end():
    assert run(PaperCard(answers={"00B2": b"\x00\x61\x05", "00C0": b"\x00\x61\x05"})).outcome.result == "fallback"
