"""Traces as text and as a page: decoded, complete, and with nothing secret in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.cards import all_cards
from countertop.trace import decode, html, text
from countertop.trace.mask import Mask

PAN = "4001007020000002"


def entry(kind, **more):
    return {"kind": kind, "at": 1000, **more}


def trace(*entries):
    about = {"id": "pi_1", "object": "pi_1", "type": "process_payment_intent", "reader": "tmr_1", "serial": "WSC1"}
    return about | {"started_ms": 1000, "outcome": "approved", "why": "Approved.", "entries": list(entries)}


def test_the_text():
    shown = text.render(
        trace(
            entry("step", name="cardholder verification"),
            entry("apdu", name="GET DATA 9F17", command="80CA9F1700", response="9F1701039000"),
            entry("decision", name="CVM", result="failed", why="signature"),
            entry("prompt", name="PIN", answer="4 digits"),
            entry(
                "host",
                name="authorization",
                fields={"4 amount, transaction": "000000001250", "55 ICC data": "9F270180"},
            ),
            entry("outcome", name="approved", why="Approved."),
            entry("apdu", name="answer to reset", command="", response="mute"),
            entry("what is this", name="x"),
        )
    )
    for line in (
        "── cardholder verification ──",
        "→ 80CA9F1700",
        "← 9F1701039000",
        "9000 done",
        "9F17  PIN try counter: 03",
        "· CVM: failed: signature",
        "? PIN: 4 digits",
        "4 amount, transaction: 000000001250",
        "9F27  cryptogram information data: 80  (ARQC)",
        "═ approved: Approved.",
        "← mute",
    ):
        assert line in shown, line
    assert all(len(line) <= 110 for line in shown.splitlines())


def test_a_page_escapes_what_it_shows_and_needs_nothing_else():
    page = html.render(
        trace(
            entry("decision", name="<script>alert(1)</script>", result="a & b", why='"quoted"'),
            entry("apdu", name="SELECT", command="00A4", response="9F2701809000"),
            entry("host", name="advice", fields={"55 ICC data": "9F270140", "<b>": "<i>"}),
        )
    )
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<i>" not in page
    for outside in ("http://", "https://", "src=", "@import", "url("):
        assert outside not in page
    assert "cryptogram information data" in page


def test_masked_digits_keep_the_structure():
    text_of = Mask([PAN]).response(f"70155A08{PAN}5F24033012319F360200019000")
    assert text_of == "70155A08400100******00025F24033012319F360200019000"
    lines = {line.tag: line for line in decode.lines(text_of[:-4])}
    assert lines["5A"].value == "400100******0002"
    assert lines["9F36"].value == "0001"


def test_track_2_is_hidden_behind_its_service_code():
    masked = Mask([PAN]).response(f"7018 5712{PAN}D301220123456789012F5F340101 9000".replace(" ", ""))
    assert masked.startswith("70185712400100******0002D3012201***")
    assert "2345678901" not in masked
    assert masked.endswith("5F3401019000")


@pytest.mark.parametrize("offset", range(4))
@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.name)
def test_a_number_is_hidden_wherever_it_stands(card, offset):
    masked = Mask([card.number]).response("A" * offset + card.number + "F" * 8)
    assert card.number not in masked
    assert masked.count("*") == len(card.number) - 10
    assert len(masked) == offset + len(card.number) + 8


def test_a_number_that_nobody_told_of_is_found():
    assert "4001007020000002" not in Mask([]).response("FF5A084001007020000002")
    assert Mask([]).response("9F2608A1B2C3D4E5F60718") == "9F2608A1B2C3D4E5F60718", "no card number at all"


@pytest.mark.parametrize("command", ["0020008008241234FFFFFFFFFF", "8424000218BB221AF527377A2811D2B6EBC396A939"])
def test_pins_are_hidden_in_commands(command):
    assert Mask([PAN]).command(command) == command[:10] + "*" * (len(command) - 10)


@given(st.text("0123456789ABCDEF*", max_size=200))
def test_any_text_is_decoded_or_left_alone(words):
    decode.lines(words)
    decode.status(words)
    text.render(trace(entry("apdu", name="x", command=words, response=words)))
    html.render(trace(entry("apdu", name="x", command=words, response=words)))
