"""The printed card and its letter: well-formed, with what the design says, and with nothing secret."""

from __future__ import annotations

import io
import struct
import zlib
from xml.etree import ElementTree as ET

import httpx
import pytest
import stripe

from countertop.api.errors import ApiError
from countertop.errors import ConfigurationError
from countertop.server import LiveServer

SVG = "{http://www.w3.org/2000/svg}"
TEXTS = {
    "header_title": "Welcome <b>aboard</b>",
    "header_body": "Spend it & enjoy it. " * 9,
    "footer_title": "Questions?",
    "footer_body": "Write to us.",
}


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def uploaded(bench, content: bytes, purpose: str = "issuing_logo") -> str:
    return bench.client().v1.files.create({"purpose": purpose, "file": io.BytesIO(content)}).id


@pytest.fixture
def card(bench):
    logo = uploaded(bench, png(1000, 200))
    designs = bench.client().v1.issuing.personalization_designs
    design = designs.create({"physical_bundle": "ics_StandardBlack1", "card_logo": logo, "carrier_text": TEXTS})
    bench.client().v1.test_helpers.issuing.personalization_designs.activate(design.id)
    return bench.issue_card(personalization_design=design.id, second_line="R & D")


def texts(document: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(document).iter(f"{SVG}text")]


def test_the_front(card):
    shown = texts(card.printed("front"))
    assert f"•••• •••• •••• {card.last4}" in shown
    assert {"ADA LOVELACE", "R & D", "VISA"} <= set(shown)
    (logo,) = ET.fromstring(card.printed("front")).iter(f"{SVG}image")
    assert logo.get("href", "").startswith("data:image/png;base64,iVBOR")


def test_the_letter(card):
    shown = texts(card.printed("letter"))
    assert {TEXTS["header_title"], TEXTS["footer_title"], TEXTS["footer_body"], "Ada Lovelace"} <= set(shown)
    assert " ".join(shown).count("Spend it & enjoy it.") >= 8, "it is broken into lines, and all of it is there"


@pytest.mark.parametrize("side", ["front", "back", "letter"])
def test_nothing_secret_is_printed(bench, card, side):
    secret = bench.client().v1.issuing.cards.retrieve(card.id, {"expand": ["number", "cvc"]})
    assert secret.number not in card.printed(side)
    assert secret.number[:12] not in card.printed(side)
    assert "123" not in texts(card.printed("back"))


def test_a_card_without_a_design(bench):
    plain = bench.issue_card()
    for side in ("front", "back", "letter"):
        assert ET.fromstring(plain.printed(side)).tag == f"{SVG}svg"


def test_what_there_is_not(bench, card):
    with pytest.raises(ConfigurationError, match="virtual"):
        bench.issue_card(type="virtual").printed()
    with pytest.raises(ConfigurationError, match="edge"):
        card.printed("edge")
    with pytest.raises(ApiError):
        bench.issued_card("ic_nope").printed()


def test_over_http(bench, card):
    with LiveServer(bench) as server:
        for side in ("front", "back", "letter"):
            answer = httpx.get(f"{server.url}/_countertop/cards/{card.id}/printed/{side}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
            assert ET.fromstring(answer.text).tag == f"{SVG}svg"
        for path in (f"{card.id}/printed/edge", "ic_nope/printed/front"):
            assert httpx.get(f"{server.url}/_countertop/cards/{path}").status_code == 400


@pytest.mark.parametrize(
    ("content", "purpose"),
    [(png(200, 1000), "issuing_logo"), (b"GIF89a", "issuing_logo"), (b"", "issuing_logo"), (png(1000, 200), "other")],
)
def test_what_is_no_logo(bench, content, purpose):
    if not content:
        content = b"\x89PNG\r\n\x1a\n"
    purpose = "dispute_evidence" if purpose == "other" else purpose
    with pytest.raises(stripe.InvalidRequestError) as refused:
        bench.client().v1.issuing.personalization_designs.create(
            {"physical_bundle": "ics_StandardBlack1", "card_logo": uploaded(bench, content, purpose)}
        )
    assert refused.value.param == "card_logo"
