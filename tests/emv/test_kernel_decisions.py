"""Restrictions, cardholder verification, risk management and action analysis, bit by bit (EMV Book 3 §10.4 to §10.7)."""

import pytest
from paper_card import AID, CDOL, RECORDS, PaperCard, request, run, terminal

from countertop.emv.bits import TSI, TVR
from countertop.emv.kernel import EnterPin, GoOnline, OnlineAnswer, TerminalApplication

YES = OnlineAnswer(True, "00")
NONE = TVR.ODA_NOT_PERFORMED


def tvr_of(done) -> TVR:
    return TVR(int.from_bytes(done.outcome.data[0x95], "big"))


def card(**more: bytes | str) -> PaperCard:
    tags = {int(name[1:], 16): value for name, value in more.items() if name.startswith("t")}
    rest = {name: value for name, value in more.items() if not name.startswith("t")}
    return PaperCard(records=RECORDS | tags, **rest)


# --- restrictions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "bits"),
    [
        ({}, TVR(0)),
        ({"t9F08": b"\x00\x01"}, TVR.VERSIONS_DIFFER),
        ({"t9F08": b"\x00\x8c"}, TVR(0)),
        ({"t5F24": bytes.fromhex("261122")}, TVR.EXPIRED),
        ({"t5F24": bytes.fromhex("261123")}, TVR(0)),
        ({"t5F24": bytes.fromhex("991231")}, TVR.EXPIRED),
        ({"t5F25": bytes.fromhex("261124")}, TVR.NOT_YET_EFFECTIVE),
        ({"t5F25": bytes.fromhex("991231")}, TVR(0)),
        ({"t9F07": bytes.fromhex("FF00")}, TVR(0)),
        ({"t9F07": bytes.fromhex("FE00")}, TVR.SERVICE_NOT_ALLOWED),
        ({"t9F07": bytes.fromhex("0100"), "t5F28": b"\x08\x40"}, TVR.SERVICE_NOT_ALLOWED),
        ({"t9F07": bytes.fromhex("2100"), "t5F28": b"\x08\x40"}, TVR(0)),
        ({"t9F07": bytes.fromhex("2100"), "t5F28": b"\x02\x50"}, TVR.SERVICE_NOT_ALLOWED),
        ({"t9F07": bytes.fromhex("1100"), "t5F28": b"\x02\x50"}, TVR(0)),
    ],
)
def test_restrictions(records, bits):
    assert tvr_of(run(card(**records), answer=YES)) == NONE | bits


# --- cardholder verification ---------------------------------------------------------------------------------

SIGNATURE, PIN, ONLINE, NO_CVM, FAIL = "1E", "01", "02", "1F", "00"


def cvm_list(rules: str, x: int = 0, y: int = 0) -> bytes:
    return x.to_bytes(4, "big") + y.to_bytes(4, "big") + bytes.fromhex(rules)


# rules, terminal capabilities byte 2, PINs typed, status words of VERIFY → CVM results, TVR byte 3.
WALKS = [
    ("1E00", 0xF8, (), (), "1E0000", TVR(0)),
    ("1F00", 0xF8, (), (), "1F0002", TVR(0)),
    ("1F03", 0xF0, (), (), "3F0001", TVR.CV_FAILED),
    ("5F031E00", 0xF0, (), (), "1E0000", TVR(0)),
    ("0200", 0xF8, ("1234",), (), "020000", TVR.ONLINE_PIN),
    ("0200", 0x20, (), (), "020001", TVR.CV_FAILED | TVR.PIN_PAD_MISSING),
    ("42001E03", 0x20, (), (), "1E0300", TVR.PIN_PAD_MISSING),
    ("0200", 0xF8, (None,), (), "020001", TVR.CV_FAILED | TVR.PIN_NOT_ENTERED),
    ("42031E03", 0xF8, (None,), (), "1E0300", TVR.PIN_NOT_ENTERED),
    ("0100", 0xF8, ("1234",), ("9000",), "010002", TVR(0)),
    ("0100", 0xF8, ("1111", "1234"), ("63C2", "9000"), "010002", TVR(0)),
    ("0100", 0xF8, ("1111", "1112", "1113"), ("63C2", "63C1", "63C0"), "010001", TVR.CV_FAILED | TVR.PIN_TRY_LIMIT),
    ("0100", 0xF8, ("1111",), ("6983",), "010001", TVR.CV_FAILED | TVR.PIN_TRY_LIMIT),
    ("41031F03", 0xF8, ("1111",), ("6984",), "1F0302", TVR.PIN_TRY_LIMIT),
    ("0100", 0xF8, ("1111",), ("6A88",), "010001", TVR.CV_FAILED),
    ("0300", 0xF8, ("1234",), ("9000",), "030000", TVR(0)),
    ("0500", 0xF8, (), (), "050001", TVR.CV_FAILED),
    ("0000", 0xF8, (), (), "000001", TVR.CV_FAILED),
    ("0A00", 0xF8, (), (), "0A0001", TVR.CV_FAILED | TVR.UNRECOGNISED_CVM),
    ("4A001F00", 0xF8, (), (), "1F0002", TVR.UNRECOGNISED_CVM),
    ("0104", 0xF8, (), (), "3F0001", TVR.CV_FAILED),
    ("5E011F02", 0xF8, (), (), "1F0202", TVR(0)),
    ("1E051F00", 0xF8, (), (), "1F0002", TVR(0)),
    ("1E0B1F00", 0xF8, (), (), "1F0002", TVR(0)),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "able", "pins", "statuses", "results", "bits"), WALKS)
def test_the_walk_through_the_list(rules, able, pins, statuses, results, bits):
    words = [bytes.fromhex(word) for word in statuses]
    chip = card(t8E=cvm_list(rules), aip="1000", answers={"0020": lambda command: words.pop(0)})
    done = run(chip, terminal(capabilities=bytes((0xE0, able, 0xC8))), pins=pins, answer=YES)
    assert done.outcome.data[0x9F34].hex().upper() == results
    assert tvr_of(done) == NONE | bits
    assert TSI.CV_PERFORMED in TSI(int.from_bytes(done.outcome.data[0x9B], "big"))


@pytest.mark.parametrize(
    ("rules", "amount", "currency", "results"),
    [
        ("1E061F00", 999, "0840", "1E0600"),
        ("1E061F00", 1000, "0840", "1F0002"),
        ("1E071F00", 1000, "0840", "1F0002"),
        ("1E071F00", 1001, "0840", "1E0700"),
        ("1E081F00", 4999, "0840", "1E0800"),
        ("1E081F00", 5000, "0840", "1F0002"),
        ("1E091F00", 5001, "0840", "1E0900"),
        ("1E091F00", 5001, "0978", "1F0002"),
    ],
)
def test_amounts_in_the_list_count_in_the_currency_of_the_application(rules, amount, currency, results):
    chip = card(t8E=cvm_list(rules, 1000, 5000), t9F42=b"\x08\x40", aip="1000")
    done = run(chip, request=request(amount=amount, currency=bytes.fromhex(currency)), answer=YES)
    assert done.outcome.data[0x9F34].hex().upper() == results


def test_the_tries_left_are_asked_of_the_card_before_the_pin_is_asked_of_its_holder():
    chip = card(
        t8E=cvm_list("0100"), aip="1000", answers={"80CA9F17": bytes.fromhex("9F1701029000"), "0020": b"\x90\x00"}
    )
    done = run(chip, pins=("1234",), answer=YES)
    assert [prompt for prompt in done.prompts if isinstance(prompt, EnterPin)] == [EnterPin("card", 2)]
    chip.answers["80CA9F17"] = bytes.fromhex("9F1701009000")
    chip.seen.clear()
    done = run(chip, pins=("1234",), answer=YES)
    assert not [text for text in chip.seen if text.startswith("0020")]
    assert TVR.PIN_TRY_LIMIT in tvr_of(done)


def test_the_pin_travels_to_the_card_in_a_block_of_format_2():
    chip = card(t8E=cvm_list("0100"), aip="1000", answers={"0020": b"\x90\x00"})
    run(chip, pins=("12345",), answer=YES)
    assert "00200080082512345FFFFFFFFF" in chip.seen


@pytest.mark.parametrize("listed", [None, b"", bytes(8), bytes(9)])
def test_without_a_list_nobody_is_asked(listed):
    more = {} if listed is None else {"t8E": listed}
    done = run(card(aip="1000", **more), answer=YES)
    if listed is not None and len(listed) < 10:
        assert done.outcome.reason == "card_error" or done.outcome.data[0x9F34] == b"\x3f\x00\x00"
    else:
        assert done.outcome.data[0x9F34] == b"\x3f\x00\x00"


# --- risk ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "draw", "bits"),
    [
        (5000, 0, TVR.FLOOR_LIMIT),
        (4999, 98, TVR(0)),
        (4999, 0, TVR.RANDOM_ONLINE),
        (100, 9, TVR.RANDOM_ONLINE),
        (100, 10, TVR(0)),
    ],
)
def test_floor_limit_and_random_selection(amount, draw, bits):
    known = TerminalApplication(AID, floor_limit=5000, threshold=1000, target=10, most=50)
    done = run(
        card(aip="0800"),
        terminal(applications=(known,)),
        request(amount=amount, draw=lambda count: bytes((draw,)) * count),
        answer=YES,
    )
    assert tvr_of(done) == NONE | bits


@pytest.mark.parametrize(
    ("atc", "last", "bits"),
    [
        ("0005", "0004", TVR(0)),
        ("0008", "0004", TVR.LOWER_CONSECUTIVE),
        ("000B", "0004", TVR.LOWER_CONSECUTIVE | TVR.UPPER_CONSECUTIVE),
        ("0002", "0000", TVR.NEW_CARD),
        ("0004", "0004", TVR.LOWER_CONSECUTIVE | TVR.UPPER_CONSECUTIVE),
        (None, "0004", TVR.LOWER_CONSECUTIVE | TVR.UPPER_CONSECUTIVE),
    ],
)
def test_velocity(atc, last, bits):
    answers = {"80CA9F13": bytes.fromhex(f"9F1302{last}9000")}
    if atc is not None:
        answers["80CA9F36"] = bytes.fromhex(f"9F3602{atc}9000")
    chip = card(t9F14=b"\x03", t9F23=b"\x06", aip="0800", answers=answers)
    known = TerminalApplication(AID, floor_limit=5000)
    assert tvr_of(run(chip, terminal(applications=(known,)), answer=YES)) == NONE | bits


def test_the_exception_file_and_a_merchant_who_insists():
    asked = request(exceptions=frozenset(("4242424242424242",)), force_online=True)
    assert tvr_of(run(card(), request=asked, answer=YES)) == NONE | TVR.ON_EXCEPTION_FILE | TVR.MERCHANT_FORCED_ONLINE


# --- action analysis -----------------------------------------------------------------------------------------

ODA = "8000000000"
NOTHING = "0000000000"


# kind, denial, online, default, whether the issuer answers → P1 of both GENERATE AC, ARC, result.
ACTIONS = [
    (0x22, ODA, NOTHING, NOTHING, True, ["00"], b"Z1", "declined"),
    (0x22, NOTHING, ODA, NOTHING, True, ["80", "40"], b"00", "approved"),
    (0x22, NOTHING, ODA, NOTHING, False, ["80", "40"], b"Y3", "approved"),
    (0x22, NOTHING, ODA, ODA, False, ["80", "00"], b"Z3", "declined"),
    (0x22, NOTHING, NOTHING, NOTHING, True, ["40"], b"Y1", "approved"),
    (0x21, NOTHING, NOTHING, NOTHING, True, ["80", "40"], b"00", "approved"),
    (0x23, NOTHING, ODA, NOTHING, True, ["40"], b"Y1", "approved"),
    (0x23, NOTHING, NOTHING, ODA, True, ["00"], b"Z1", "declined"),
]


@pytest.mark.parametrize("whose", ["terminal", "issuer"])
@pytest.mark.parametrize(("kind", "denial", "online", "default", "answers", "asked", "arc", "result"), ACTIONS)
def test_action_codes(whose, kind, denial, online, default, answers, asked, arc, result):
    codes = [bytes.fromhex(code) for code in (denial, online, default)]
    none = bytes(5)
    tac = codes if whose == "terminal" else [none] * 3
    iac = codes if whose == "issuer" else [none] * 3
    known = TerminalApplication(AID, tac_denial=tac[0], tac_online=tac[1], tac_default=tac[2])
    chip = card(t9F0E=iac[0], t9F0F=iac[1], t9F0D=iac[2])
    chip.answers["80AE80"] = chip.cryptogram("80")
    chip.answers["80AE40"] = chip.cryptogram("40")
    chip.answers["80AE00"] = chip.cryptogram("00")
    done = run(chip, terminal(applications=(known,), kind=kind), answer=YES if answers else None)
    assert [text[4:6] for text in chip.seen if text.startswith("80AE")] == asked
    assert (done.outcome.data[0x8A], done.outcome.result) == (arc, result)


def test_codes_that_are_absent_send_everything_online():
    done = run(card(), answer=YES)
    assert [prompt for prompt in done.prompts if isinstance(prompt, GoOnline)]


def test_a_card_may_lower_what_is_asked_but_not_raise_it():
    assert run(card(first="00"), answer=YES).outcome.result == "declined"
    raised = run(card(first="40"), answer=YES).outcome
    assert (raised.result, raised.reason) == ("terminated", "card_error")
    refused = run(card(second="00"), answer=YES).outcome
    assert (refused.result, refused.online, refused.reverse) == ("declined", True, True)


def test_the_issuers_no_is_told_to_the_card():
    chip = card(second="00")
    done = run(chip, answer=OnlineAnswer(False, "05"))
    assert (done.outcome.result, done.outcome.reason, done.outcome.reverse) == ("declined", "declined_by_issuer", False)
    assert [text[4:6] for text in chip.seen if text.startswith("80AE")] == ["80", "00"]


# --- the issuer's answer -------------------------------------------------------------------------------------


def test_external_authenticate_only_for_cards_that_want_it():
    chip = card(aip="0400", answers={"0082": b"\x90\x00"})
    done = run(chip, answer=OnlineAnswer(True, "00", bytes.fromhex("910A00112233445566773030")))
    assert "008200000A00112233445566773030" in chip.seen
    assert TSI.ISSUER_AUTHENTICATION in TSI(int.from_bytes(done.outcome.data[0x9B], "big"))
    chip = card(aip="0400", answers={"0082": b"\x63\x00"})
    done = run(chip, answer=OnlineAnswer(True, "00", bytes.fromhex("910A00112233445566773030")))
    assert TVR.ISSUER_AUTHENTICATION_FAILED in tvr_of(done)
    chip = card(t8D=b"\x91\x0a" + b"\x8a\x02" + CDOL)
    run(chip, answer=OnlineAnswer(True, "00", bytes.fromhex("910A00112233445566773030")))
    assert "80AE4000" + "29" + "00112233445566773030" + "3030" in "".join(chip.seen)


@pytest.mark.parametrize(
    ("template", "status", "bit", "result"),
    [
        (0x71, "9000", TVR(0), "2000000000"),
        (0x72, "6283", TVR(0), "2000000000"),
        (0x71, "6982", TVR.SCRIPT_FAILED_BEFORE, "1100000000"),
        (0x72, "6982", TVR.SCRIPT_FAILED_AFTER, "1100000000"),
    ],
)
def test_scripts_run_before_or_after_the_last_word(template, status, bit, result):
    command = bytes.fromhex("8E240000" + "04" + "01020304")
    emv = bytes((template, len(command) + 2, 0x86, len(command))) + command
    chip = card(answers={"8E24": bytes.fromhex(status)})
    done = run(chip, answer=OnlineAnswer(True, "00", emv))
    order = [text[:4] for text in chip.seen if text[:4] in ("80AE", "8E24")]
    assert order == (["80AE", "8E24", "80AE"] if template == 0x71 else ["80AE", "80AE", "8E24"])
    assert done.outcome.data[0x9F5B].hex() == result
    assert (tvr_of(done) & (TVR.SCRIPT_FAILED_BEFORE | TVR.SCRIPT_FAILED_AFTER)) == bit
    assert done.outcome.result == "approved"


@pytest.mark.parametrize("emv", ["72", "7205860400", "7203860184", "FFFFFFFF", "910100"])
def test_damaged_issuer_data_never_stop_a_transaction(emv):
    assert run(card(), answer=OnlineAnswer(True, "00", bytes.fromhex(emv))).outcome.result in ("approved", "declined")
