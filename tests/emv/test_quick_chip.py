"""Quick Chip: the card is let go with an AAC before the issuer is asked, and hears nothing of the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from paper_card import PaperCard, drive, request, terminal

from countertop.emv.kernel import OnlineAnswer

QUICK = replace(terminal(), quick_chip=True)


def run(card: PaperCard, answer: OnlineAnswer | None, at=QUICK):
    return drive(card.answer, lambda _: bytes.fromhex("3B6500002063CB6800"), at, request(), answer=answer)


@pytest.mark.parametrize(
    ("answer", "result", "reason"),
    [
        (OnlineAnswer(True, "00"), "approved", "approved"),
        (OnlineAnswer(False, "05"), "declined", "declined_by_issuer"),
        (None, "declined", "unable_to_go_online"),
    ],
)
def test_the_issuers_word_is_the_last(answer, result, reason):
    card = PaperCard(second="00")
    done = run(card, answer)
    assert (done.outcome.result, done.outcome.reason) == (result, reason), done.outcome.why
    asked = [command for command in card.seen if command.startswith("80AE")]
    assert [command[4:6] for command in asked] == ["80", "00"], "an ARQC, then an AAC"
    assert asked[1][10:14] == b"Z3".hex().upper(), "unable to go online, as far as the card hears"


def test_what_the_issuer_gets_is_of_the_first_cryptogram():
    card = PaperCard(second="00")
    done = run(card, OnlineAnswer(True, "00"))
    assert done.outcome.data[0x9F27][0] & 0xC0 == 0x80
    assert done.outcome.data[0x8A] == b"00"


def test_scripts_are_left_alone_where_they_are_not_taken():
    script = bytes.fromhex("7207860584240000 00".replace(" ", ""))
    for takes in (True, False):
        card = PaperCard()
        run(card, OnlineAnswer(True, "00", script), replace(terminal(), scripts=takes))
        assert any(command.startswith("8424") for command in card.seen) is takes
