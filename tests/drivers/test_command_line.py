"""``python -m countertop_drivers``: what it prints, how it fails, and what it never prints."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import countertop_firmware
from countertop_drivers import command_line, registry
from countertop_drivers.__main__ import main
from countertop_drivers.discovery import Found, Listing
from countertop_drivers.errors import DeviceTimeout
from countertop_drivers.link import Closing, Swipe
from countertop_drivers.loop import LoopLink
from countertop_drivers.recording import read
from countertop_drivers.virtual.msr605 import VirtualMsr605
from countertop_drivers.virtual.pn532 import VirtualPn532
from countertop_drivers.virtual.serial_ends import PtyEnd

SALE = f"replay:{countertop_firmware.trace_path('visa_contact_sale')}"
SWIPE = f"replay:{countertop_firmware.trace_path('visa_swipe')}"
PSE = "00A404000E315041592E5359532E444446303100"
SOMEBODYS = bytes.fromhex("700A5A0845391488034364679000")
MODULE = [sys.executable, "-m", "countertop_drivers"]
# Who runs tests in the background may have told them to ignore Ctrl-C.
INTERRUPTIBLE = [
    sys.executable,
    "-c",
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from countertop_drivers.__main__ import main; sys.exit(main(sys.argv[1:]))",
]


class Stripes(Closing):
    """A reader through which one card is pulled."""

    def __init__(self, swipe: Swipe) -> None:
        self._swipe = swipe

    def read(self, timeout_s: float) -> Swipe | None:
        return self._swipe


@pytest.fixture
def run(capsys):
    """Run a command line; returns its exit status, its lines, and those of its errors."""

    def run(*words: str) -> tuple[int, list[str], list[str]]:
        status = main(words)
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return run


@pytest.fixture
def somebodys(monkeypatch):
    """``mine:``: a slot with a card that may be somebody's own."""
    monkeypatch.setitem(registry.BUILT_IN, "mine", "countertop_drivers.loop:LoopLink.from_details")
    sent: list[bytes] = []

    def answer(apdu: bytes) -> bytes:
        sent.append(apdu)
        return SOMEBODYS

    monkeypatch.setattr(LoopLink, "from_details", lambda details: LoopLink(b"\x3b\x00", answer))
    return sent


def test_schemes(run):
    status, lines, _ = run("schemes")
    assert status == 0
    assert "loop     built in" in lines
    status, lines, _ = run("schemes", "--json")
    assert json.loads("\n".join(lines)).items() >= dict.fromkeys(registry.BUILT_IN, "built in").items()


def test_what_is_plugged_in(run, monkeypatch):
    seen: list[float] = []
    found = [Found("ccid:usb:072f:90cc", "A reader"), Found("swipe:hid:0801:0002")]

    def listing(timeout_s: float) -> Listing:
        seen.append(timeout_s)
        return Listing(found if len(seen) < 3 else [], {"pcsc": DeviceTimeout("It is slow.", "Wait.")})

    monkeypatch.setattr(command_line, "list_devices", listing)
    assert run("list", "--timeout", "0.5")[:2] == (
        0,
        ["ccid:usb:072f:90cc   A reader", "swipe:hid:0801:0002", "(pcsc: It is slow. Wait.)"],
    )
    assert json.loads("\n".join(run("list", "--json")[1])) == {
        "found": [
            {"url": "ccid:usb:072f:90cc", "title": "A reader"},
            {"url": "swipe:hid:0801:0002", "title": ""},
        ],
        "problems": {"pcsc": {"message": "It is slow.", "hint": "Wait."}},
    }
    assert run("list")[1][0].startswith("No device was found.")
    assert seen == [0.5, 3.0, 3.0]


def test_probing_a_card(run):
    assert run("probe", "loop:3BE500008131FE452063CB68000E") == (
        0,
        ["card: 3BE500008131FE452063CB68000E", "  protocols T=1", "  historical bytes 2063CB6800"],
        [],
    )
    assert run("probe", "loop:0A788070028063544F50")[1][1] == "  is an answer to select (ISO/IEC 14443-4)"
    assert run("probe", "loop:3B05")[1][1] == "  problem The card's ATR has 2 bytes and announces 7: 3B05."
    told = json.loads("\n".join(run("probe", "--json", "loop:3B00")[1]))
    assert told == {
        "url": "loop:3B00",
        "device": {},
        "kind": "card",
        "card": {"answer": "3B00", "protocols": ["T=0"]},
    }


def test_probing_devices_that_tell_of_themselves(run):
    device = VirtualPn532(LoopLink(bytes.fromhex("0A788070028063544F50")))
    with PtyEnd(device) as end:
        status, lines, _ = run("probe", f"pn532:serial:{end.path}")
        device.remove()
        gone = run("probe", f"pn532:serial:{end.path}")
    assert status == 0
    assert lines[0].startswith("device: PN532")
    assert lines[1] == "card: 0A788070028063544F50"
    assert lines[-1].startswith("  UID ")
    assert gone[1][-1] == "card: none"
    with PtyEnd(VirtualMsr605()) as end:
        lines = run("probe", f"msr605:serial:{end.path}")[1]
    assert [line.partition(":")[0] for line in lines[:2]] == ["model", "firmware"]
    assert lines[-1] == "It reads stripes: swipe a card with `track`."


def test_commands_and_their_meaning(run):
    status, lines, errors = run("apdu", "loop:3B00", PSE, "00 B2 01 0C 00")
    assert (status, errors) == (0, [])
    assert lines == [
        "3B00",
        f"> {PSE}  SELECT 1PAY.SYS.DDF01",
        "< 6D00  instruction unknown",
        "> 00B2010C00  READ RECORD 1.1",
        "< 6D00  instruction unknown",
    ]
    told = json.loads("\n".join(run("apdu", "--json", "loop:3B00", PSE)[1]))
    assert told["answer"] == "3B00"
    assert told["exchanges"] == [
        {"command": PSE, "asked": "SELECT 1PAY.SYS.DDF01", "response": "6D00", "said": "instruction unknown"}
    ]


def test_somebodys_number_is_masked_on_the_screen_and_in_the_file(run, somebodys, tmp_path):
    path = tmp_path / "trace.json"
    lines = run("apdu", "mine:", "00B2010C00", "--record", str(path))[1]
    assert lines[2] == "< 700A5A08453914******64679000  12 bytes, done"
    assert "4539148803436467" not in path.read_text()
    assert read(path).hidden is not None
    lines = run("apdu", "mine:", "00B2010C00", "--unmasked", "--record", str(path))[1]
    assert lines[2].startswith(f"< {SOMEBODYS.hex().upper()}")
    assert read(path).hidden is not None, "a recording is masked all the same"
    assert run("apdu", f"replay:{path}", "00B2010C00")[0] == 1


def test_nothing_that_harms_a_card_is_sent(run, somebodys, tmp_path):
    path = tmp_path / "trace.json"
    verify = "0020008008241234FFFFFFFFFF"
    status, _, errors = run("apdu", "mine:", verify, "--record", str(path))
    assert (status, somebodys) == (1, [])
    assert errors == [
        "countertop_drivers: Command 00200080 was not sent: it may harm a card. "
        "If this card is yours to risk: --allow pin (VERIFY: a PIN is tried)."
    ]
    assert "241234" not in path.read_text(), "what was not sent did not cross"
    status, lines, _ = run("apdu", "mine:", verify, "--allow", "pin")
    assert (status, somebodys) == (0, [bytes.fromhex(verify)])
    assert lines[1] == "> 0020008008****************  VERIFY"


def test_tracks(run, tmp_path):
    status, lines, _ = run("track", SWIPE, "--timeout", "0")
    assert status == 0
    assert lines[0] == "Swipe a card."
    assert lines[1].startswith("track 1: B4242424242424242^")
    assert lines[3] == "track 3: nothing"
    status, lines, errors = run("track", SWIPE, "--timeout", "0", "--count", "2", "--json")
    assert status == 1
    assert json.loads(lines[0])["tracks"][1].startswith("4242424242424242=")
    assert errors == ["countertop_drivers: No card was swiped within 0 s."]


def test_somebodys_tracks_are_masked(run, tmp_path):
    path, track = tmp_path / "trace.json", b"4539148803436467=30122011234"
    head = {"countertop_trace": 1, "url": "swipe:hid", "kind": "swipe", "began": "", "masked": False}
    frame = {"us": 0, "dir": "<", "kind": "swipe", "hex": ""}
    last = {**frame, "method": "iso", "problem": "track 1: wrong LRC"}
    frames = [head, frame, {**frame, "hex": track.hex()}, last]
    path.write_text("\n".join(map(json.dumps, frames)))
    lines = run("track", f"replay:{path}")[1]
    assert lines[2] == "track 2: 453914******6467=3012*******"
    assert lines[4] == "problem: track 1: wrong LRC"
    masked = tmp_path / "masked.json"
    assert run("track", f"replay:{path}", "--unmasked")[1][2] == f"track 2: {track.decode()}"
    assert run("track", f"replay:{path}", "--record", str(masked))[1] == lines
    assert read(masked).hidden is not None
    assert run("track", f"replay:{masked}")[0] == 1


def test_traces(run):
    status, lines, _ = run("trace", SALE.removeprefix("replay:"))
    assert status == 0
    assert lines[0] == "ccid:usb  card  2026-11-23T12:00:00+00:00"
    assert "   108.000 ms > GENERATE AC (TC)" in lines
    assert max(map(len, lines)) <= 100
    told = json.loads("\n".join(run("trace", "--json", SALE.removeprefix("replay:"))[1]))
    assert (told["kind"], told["masked"], told["whole"], len(told["frames"])) == ("card", True, True, 29)
    assert told["frames"][1]["kind"] == "atr"
    assert "SELECT 2PAY.SYS.DDF01" in "".join(run("trace", str(countertop_firmware.trace_path("visa_select")))[1])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["probe", "abacus:1"], r"There is no driver for 'abacus'. Known schemes: acr122,"),
        (["probe", "nothing"], r"'nothing' names no device. Write scheme:details"),
        (["probe", "loop:x"], r"loop:x has no usable ATR. Write 2 to 33 bytes"),
        (["apdu", "loop:3B00", "00A4"], r"'00A4' is no command. A command is hexadecimal"),
        (["apdu", "loop:3B00", "xyzw"], r"'xyzw' is no command."),
        (["apdu", SWIPE, PSE], r".*reads stripes; it cannot speak to a chip."),
        (["track", "loop:3B00"], r"loop:3B00 is a slot for chips; it reads no stripes."),
        (["trace", "/none"], r"/none cannot be read: No such file or directory."),
        (["trace", __file__], r".*test_command_line.py, line 1: .* is none of: atr, >, <"),
        (
            ["probe", "loop:3B00", "--record", "/none/x"],
            r"/none/x cannot be written: No such file or directory. Choose",
        ),
        (["apdu", SALE, "00A4040000"], r".*the command differs from byte 4 on."),
    ],
)
def test_what_goes_wrong_is_said_in_a_line_with_what_to_do(run, words, said):
    status, _, errors = run(*words)
    assert status == 1
    assert re.match(f"countertop_drivers: {said}", errors[0]), errors
    assert len(errors) == (4 if "differs" in said else 1)


@pytest.mark.parametrize(
    "words", [[], ["fly"], ["probe"], ["apdu", "loop:3B00"], ["apdu", "x:", "00", "--allow", "all"]]
)
def test_wrong_usage(capsys, words):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m countertop_drivers")


def test_help_names_urls_and_exit_statuses(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "vpcd:listen:35963" in text
    assert "130 Ctrl-C" in text


def test_ctrl_c_is_quiet():
    with socket.create_server(("127.0.0.1", 0)) as server:  # somebody who never answers
        url = f"msr605:serial:socket://127.0.0.1:{server.getsockname()[1]}"
        asking = subprocess.Popen(
            [*INTERRUPTIBLE, "track", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        connection, _ = server.accept()
        with connection:
            connection.recv(1)
            asking.send_signal(signal.SIGINT)
            out, err = asking.communicate(timeout=20)
    assert (asking.returncode, out, err) == (130, "", "\n")


def test_somebody_who_reads_no_further():
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [*MODULE, "trace", SALE.removeprefix("replay:")],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_file_for_each_of_them(run, tmp_path):
    """What is recorded of one command can be read, and replayed, by the next."""
    for words in (["probe", "loop:3B00"], ["apdu", "loop:3B00", PSE], ["track", SWIPE]):
        path = Path(tmp_path, f"{words[0]}.json")
        assert run(*words, "--record", str(path))[0] == 0
        assert run("trace", str(path))[0] == 0
    assert run("apdu", f"replay:{tmp_path}/apdu.json", PSE)[1][2] == "< 6D00  instruction unknown"
    assert run("track", f"replay:{tmp_path}/track.json")[1] == run("track", SWIPE)[1]
