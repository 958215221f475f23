"""An exchange as ISO 8583 messages."""

import iso8583
import pytest

from countertop.network import IssuerRequest, IssuerResponse
from countertop.network.iso8583 import encode, named, numbered, request_fields, response_fields, specification
from countertop.network.messages import PinBlock

PAN = "4242424242424242"
REQUEST = IssuerRequest(
    "authorization", "card_x", 1250, "gbp", "GB", "5734", "ch_3SkZJ8yLCIFNxXkgc6dywrK0", "contact_emv", "online_pin",
    emv="5F340101" + "9F260811223344AABBCCDD", pin=PinBlock("041274EDCBA9876F", "FFFF9876543210E00001", "tdes"),
    when=1_767_225_600,
)  # fmt: skip


def test_a_request():
    decoded, _ = iso8583.decode(encode(request_fields(REQUEST, PAN)), spec=specification())
    assert decoded["t"] == "0100"
    assert decoded["2"] == "4242420000004242", "masked"
    assert (decoded["3"], decoded["4"], decoded["49"]) == ("000000", "000000001250", "826")
    assert (decoded["7"], decoded["12"], decoded["13"]) == ("0101000000", "000000", "0101")
    assert (decoded["18"], decoded["22"], decoded["23"]) == ("5734", "051", "001")
    assert (decoded["52"], decoded["53"][-20:]) == ("041274EDCBA9876F", "FFFF9876543210E00001")
    assert decoded["55"] == REQUEST.emv
    assert numbered(named(request_fields(REQUEST, PAN))) == {
        name: value.replace("*", "0") for name, value in request_fields(REQUEST, PAN).items()
    }
    assert PAN.encode() not in encode(request_fields(REQUEST, PAN))
    assert PAN.encode() in encode(request_fields(REQUEST, PAN, show=True))


def test_its_answer():
    answer = IssuerResponse(True, "00", authorization_code="503428", emv="9108D38F931D00820000")
    decoded, _ = iso8583.decode(encode(response_fields(request_fields(REQUEST, PAN), answer)), spec=specification())
    asked = request_fields(REQUEST, PAN)
    assert (decoded["t"], decoded["38"], decoded["39"], decoded["55"]) == ("0110", "503428", "00", answer.emv)
    assert (decoded["11"], decoded["37"]) == (asked["11"], asked["37"]), "by which the two are joined"


@pytest.mark.parametrize(("kind", "types"), [("reversal", ("0400", "0410")), ("advice", ("0120", "0130"))])
def test_other_messages(kind, types):
    from dataclasses import replace

    request = replace(REQUEST, kind=kind, pin=None)
    asked = request_fields(request, PAN)
    said = response_fields(asked, IssuerResponse(True, "00"))
    assert (asked["t"], said["t"]) == types
    assert "52" not in asked
