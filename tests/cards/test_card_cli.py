"""``countertop card list | show | apdu | serve``."""

from __future__ import annotations

import json
import socket
from hashlib import sha1

import pytest
from click.testing import CliRunner, Result
from tests.cards.hands import YEAR, make

from countertop.cards import all_cards
from countertop.cards.chip import image_of
from countertop.cli import root
from countertop.cli.card_serve import places
from countertop.emv import tlv
from countertop.errors import ConfigurationError, CountertopError

SELECT = "00A4040007A000000003101000"


def card(*arguments: str, text: str | None = None) -> Result:
    """Run a command; its errors are raised."""
    result = CliRunner().invoke(root, ["card", *arguments], input=text, catch_exceptions=True)
    if isinstance(result.exception, CountertopError):
        raise result.exception
    return result


def test_all_cards_are_listed() -> None:
    listed = json.loads(card("list", "--json").output)
    assert [entry["name"] for entry in listed] == [simulated.name for simulated in all_cards()]
    assert "4242424242424242" not in card("list").output
    assert "A0000000031010" in card("list").output


def test_what_a_terminal_needs_is_shown() -> None:
    view = json.loads(card("show", "visa", "--year", str(YEAR), "--json").output)
    image = image_of("visa", YEAR)
    assert bytes.fromhex(view["atr"]) == image.profile.atr
    assert view["aids"] == ["A0000000031010"]
    own = [record for record in view["records"] if record["aid"] == view["aids"][0]]
    assert {(record["sfi"], record["record"]): bytes.fromhex(record["data"]) for record in own} == dict(
        image.applications[0].records
    )
    [directory] = [record for record in view["records"] if record not in own]
    assert tlv.find(bytes.fromhex(directory["data"]), 0x4F) == bytes.fromhex(view["aids"][0])
    [key] = view["ca_public_keys"]
    assert (key["rid"], key["exponent"]) == ("A000000003", "03")
    assert len(bytes.fromhex(key["modulus"])) == 248
    # The check sum of a CA key: SHA-1 over RID, index, modulus, exponent (EMV Book 2 §10.2; card-hardware.md G.6).
    covered = bytes.fromhex(key["rid"] + key["index"] + key["modulus"] + key["exponent"])
    assert key["checksum"] == sha1(covered).hexdigest().upper()


@pytest.mark.parametrize("name", [simulated.name for simulated in all_cards()])
def test_every_card_can_be_shown(name: str) -> None:
    text = card("show", name, "--year", str(YEAR)).output
    image = image_of(name, YEAR)
    assert f"ATR {image.profile.atr.hex().upper()}" in text
    for application in image.applications:
        assert application.profile.aid.hex().upper() in text
    assert "8C CDOL1" in text


def test_commands_are_answered_as_by_the_card() -> None:
    result = card("apdu", "visa", "--year", str(YEAR), SELECT, "80A8000002830000", "0084000000")
    chip = make()
    expected = [chip.transmit(bytes.fromhex(text)).hex().upper() for text in (SELECT, "80A8000002830000")]
    lines = result.output.splitlines()
    assert lines[:2] == expected
    assert lines[2].endswith("9000")
    assert card("apdu", "visa", "--year", str(YEAR), SELECT, "0084000000").output.splitlines()[1] == lines[2]
    other = card("apdu", "visa", "--year", str(YEAR), "--seed", "other", SELECT, "0084000000")
    assert other.output.splitlines()[1] != lines[2]


def test_commands_are_read_line_by_line_and_mistakes_are_forgiven() -> None:
    lines = f"atr\n{SELECT}\nnonsense\n\n00 84 00 00 08\nreset\n0084000008\nstate\nquit\n{SELECT}\n"
    result = CliRunner().invoke(root, ["card", "apdu", "visa"], input=lines)
    assert result.exit_code == 0
    output = result.stdout.splitlines()
    atr = image_of("visa", YEAR).profile.atr.hex().upper()
    assert output[0] == output[3] == atr
    assert output[1].endswith("9000")
    assert output[2].endswith("9000")
    assert output[4] == "6985"
    assert "atc 0" in output
    assert "'nonsense' is not hexadecimal" in result.stderr
    assert sum(line.startswith("6F") for line in output) == 1


def test_data_objects_can_be_shown_below_a_response() -> None:
    text = card("apdu", "visa", "--tlv", SELECT).output
    assert "50 application label: 56495341204352454449 54".replace(" 54", "54") in text


def test_faults_and_t0() -> None:
    assert card("apdu", "visa", "--fault", "card_blocked", SELECT).output == "6A81\n"
    assert card("apdu", "visa", "--tpdu", SELECT[:-2]).output.startswith("61")
    mute = card("apdu", "visa", "--fault", "mute", SELECT)
    assert (mute.exit_code, "does not answer" in mute.output) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("show", "viza"), "Did you mean visa"),
        (("apdu", "visa", "00A"), "not hexadecimal"),
        (("apdu", "visa", "--fault", "sticky", SELECT), "no fault 'sticky'"),
        (("serve", "visa", "--vpcd", "nowhere"), "no HOST:PORT"),
        (("serve", "visa", "--vpcd", "127.0.0.1:99999"), "no HOST:PORT"),
        (("serve", "visa", "--vpcd", "127.0.0.1:1", "--vpcd", "127.0.0.1:2"), "2 addresses for 1 cards"),
        (("serve", "visa", "mastercard", "--vpcd", "127.0.0.1:65535"), "more cards than ports"),
    ],
)
def test_mistakes_are_answered_with_what_to_do(arguments: tuple[str, ...], why: str) -> None:
    with pytest.raises(CountertopError, match=why) as refused:
        card(*arguments)
    assert refused.value.hint


def test_many_cards_go_to_many_ports() -> None:
    assert places(("127.0.0.1:35963",), 3) == [("127.0.0.1", 35963), ("127.0.0.1", 35964), ("127.0.0.1", 35965)]
    assert places(("[::1]:1000", "localhost:2000"), 3) == [("::1", 1000), ("localhost", 2000), ("localhost", 2001)]
    with pytest.raises(ConfigurationError):
        places((":1",), 1)


def test_served_cards_are_in_their_readers_until_they_are_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        addresses = [f"127.0.0.1:{listener.getsockname()[1]}" for listener in (first, second)]
        from threading import Thread

        results: list[Result] = []
        arguments = ["serve", "visa", "mastercard", "--fault", "pulled_after:1"]
        for address in addresses:
            arguments += ["--vpcd", address]
        thread = Thread(target=lambda: results.append(card(*arguments)))
        thread.start()
        try:
            for listener, name in ((first, "visa"), (second, "mastercard")):
                listener.settimeout(10)
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(10)
                    connection.sendall(b"\x00\x01\x04")
                    assert connection.recv(2 + 40)[2:] == image_of(name, YEAR).profile.atr
                    for _ in range(2):
                        connection.sendall(b"\x00\x04\x00\xa4\x04\x00")
                    assert connection.recv(2 + 2) == b"\x00\x02\x6a\x82"
                    assert connection.recv(1) == b""
        finally:
            thread.join(15)
        assert not thread.is_alive(), "without cards there is nothing left to serve"
        assert "mastercard: out of the reader" in results[0].output
