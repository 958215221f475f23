"""The example driver, installed as a stranger's package would be, and used from Python and from the command line."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

import countertop_drivers as drivers
from countertop_drivers.loop import LoopLink

# Setuptools builds wheels by itself from 70.1 on.
pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("pip", "setuptools"))
    or (importlib.util.find_spec("wheel") is None and tuple(map(int, version("setuptools").split(".")[:2])) < (70, 1)),
    reason="the example is built with pip and setuptools 70.1, or an older one with wheel",
)

ATR = bytes.fromhex("3B65000020 63CB6800".replace(" ", ""))
SELECT = "00A404000E315041592E5359532E444446303100"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package in it, installed without a network from a copy: building leaves things behind."""
    folder = tmp_path_factory.mktemp("plugin")
    source = folder / "source"
    shutil.copytree(Path(__file__).parents[2] / "examples" / "driver_plugin", source)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    done = subprocess.run(
        [*install, "--no-build-isolation", "--no-deps", "--target", str(folder / "site"), str(source)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process with the package."""
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    yield
    sys.modules.pop("countertop_hexline", None)


class Reader(socketserver.ThreadingTCPServer):
    """The other end: a card that answers 9000 to what selects, and what a reader may say instead."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.card = LoopLink(ATR, lambda apdu: b"\x90\x00" if apdu[1] == 0xA4 else b"\x6d\x00")
        self.instead: bytes | None = None
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"hexline:127.0.0.1:{self.server_address[1]}"


class Connection(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Reader)
        for line in self.rfile:
            question = line.decode().strip()
            self.server.asked.append(question)
            if self.server.instead is not None:
                self.wfile.write(self.server.instead)
                return
            self.wfile.write(self.answer(self.server.card, question).encode() + b"\n")

    def answer(self, card: LoopLink, question: str) -> str:
        try:
            match question:
                case "there?":
                    return "yes" if card.present else "no"
                case "on":
                    return card.power_on().hex()
                case "off":
                    card.power_off()
                    return "yes"
            return card.transmit(bytes.fromhex(question)).hex()
        except drivers.CardAbsent:
            return "no"


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


def command_line(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "countertop_drivers", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(site)},
    )


def test_without_it_nobody_knows_the_scheme() -> None:
    with pytest.raises(drivers.UnknownDriver):
        drivers.open("hexline:127.0.0.1:7000")


@pytest.mark.usefixtures("installed")
def test_it_keeps_the_contract_of_card_links(reader: Reader) -> None:
    assert drivers.schemes()["hexline"] == "countertop_hexline:open_hexline"
    with drivers.open_card(reader.url) as link:
        assert isinstance(link, drivers.CardLink)
        assert link.present
        with pytest.raises(drivers.CardAbsent, match="no power"):
            link.transmit(bytes.fromhex(SELECT))
        assert link.power_on() == ATR
        assert link.transmit(bytes.fromhex(SELECT)) == b"\x90\x00"
        assert link.transmit(b"\x80\xca\x9f\x36") == b"\x6d\x00"
        reader.card.take_away()
        assert link.wait(False, 5)
        with pytest.raises(drivers.CardAbsent):
            link.transmit(bytes.fromhex(SELECT))
        with pytest.raises(drivers.CardAbsent, match="no card"):
            link.power_on()
        reader.card.put_back()
        assert link.wait(True, 5)
        assert link.power_on() == ATR
        link.power_off()
        link.power_off()
        assert reader.asked.count("off") == 1
    link.close()
    with pytest.raises(drivers.DeviceGone):
        _ = link.present


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"nonsense\n", drivers.ProtocolError),
        (b"\n", drivers.ProtocolError),
        (b"90\n", drivers.ProtocolError),
        (b"\xff\xfe\n", drivers.ProtocolError),
        (b"9000", drivers.DeviceGone),
        (b"", drivers.DeviceGone),
        (b"0" * 200_000, drivers.DeviceGone),
    ],
)
def test_a_reader_that_says_something_else(reader: Reader, said: bytes, error: type[drivers.DriverError]) -> None:
    link = drivers.open_card(reader.url)
    link.power_on()
    reader.instead = said
    with link, pytest.raises(error) as refusal:
        link.transmit(bytes.fromhex(SELECT))
    assert len(str(refusal.value)) < 200


@pytest.mark.usefixtures("installed")
def test_a_reader_that_says_nothing() -> None:
    hexline = importlib.import_module("countertop_hexline")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with hexline.HexlineLink("127.0.0.1", silent.getsockname()[1], timeout_s=0.05) as link:
            with pytest.raises(drivers.DeviceGone, match="timed out"):
                link.power_on()
            with pytest.raises(drivers.DeviceGone):
                link.power_on()
        port = silent.getsockname()[1]
    with pytest.raises(drivers.DeviceGone, match="cannot be reached"):
        drivers.open(f"hexline:127.0.0.1:{port}")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "details", ["", "7000", ":7000", "localhost:", "localhost:x", "localhost:0", "localhost:65536"]
)
def test_what_is_no_address(details: str) -> None:
    with pytest.raises(drivers.BadAddress, match=r"Write hexline:127\.0\.0\.1:7000"):
        drivers.open(f"hexline:{details}")


def test_from_the_command_line(site: Path, reader: Reader, tmp_path: Path) -> None:
    assert "hexline  countertop_hexline:open_hexline\n" in command_line(site, "schemes").stdout
    probed = command_line(site, "probe", reader.url)
    assert probed.stdout.splitlines() == [
        f"reader: lines of hexadecimal at 127.0.0.1:{reader.server_address[1]}",
        f"card: {ATR.hex().upper()}",
        "  protocols T=0",
        "  historical bytes 2063CB6800",
    ]
    trace = tmp_path / "trace.json"
    sent = command_line(site, "apdu", reader.url, SELECT, "--record", str(trace))
    assert (sent.returncode, sent.stderr) == (0, "")
    assert sent.stdout.splitlines()[-1] == "< 9000  done"
    assert command_line(site, "apdu", f"replay:{trace}", SELECT).stdout == sent.stdout
    failed = command_line(site, "probe", "hexline:nowhere")
    assert failed.returncode == 1
    assert failed.stderr == "countertop_drivers: hexline:nowhere names no port. Write hexline:127.0.0.1:7000\n"
