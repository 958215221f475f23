"""The screens in a real browser: they load, from this machine only, and a key press works."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from browser import browse

from countertop.bench import Bench
from countertop.errors import MissingExtra
from countertop.server import LiveServer
from countertop_tui import web

TEMPLATE = Path(web.__file__).parent / "templates" / "app_index.html"


def test_the_page_names_nothing_outside() -> None:
    assert not re.findall(r"https?:|(?:src|href)=[\"']//", TEMPLATE.read_text())


def test_without_its_extra_it_says_which(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"countertop\[web\]"):
        web.serve("http://127.0.0.1:9", "sk_test_counter", 0)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium: make system-deps")
def test_a_browser_shows_the_fleet_and_takes_keys(bench: Bench, tmp_path: Path) -> None:
    bench.reader(label="Till of the web")
    port = free_port()

    async def look(url: str) -> list[str]:
        async with browse(url, tmp_path / "profile") as page:
            await page.until("Till of the web")
            await asyncio.sleep(1)
            before = await page.screenshot(tmp_path / "before.png")
            await page.click(300, 400)
            await page.press("5")
            await page.until("+1 hour")
            await asyncio.sleep(1)
            assert await page.screenshot(tmp_path / "after.png") != before
            return page.requests

    with LiveServer(bench) as server:
        command = [sys.executable, "-m", "countertop", "fleet", server.url, "--web", "--port", str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as serving:
            try:
                wait_for(port)
                requests = asyncio.run(look(f"http://127.0.0.1:{port}/"))
            finally:
                serving.terminate()
                said = serving.communicate(timeout=20)[0]
    assert "Traceback" not in said
    assert len(requests) >= 3
    for request in requests:
        assert request.startswith((f"http://127.0.0.1:{port}/", f"ws://127.0.0.1:{port}/", "data:", "blob:")), request


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as trial:
            trial.settimeout(0.2)
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("nothing listens")
