"""A headless Chromium, spoken to by its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

LISTENING = re.compile(rb"DevTools listening on ws://([^/]+)/")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0")
PATIENCE_S = 30


class Page:
    """One tab.  ``requests``: every address that it asked for; ``received``: what came by WebSocket, joined."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.requests: list[str] = []
        self.received = b""
        self._listening = asyncio.create_task(self._listen())

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(answer, PATIENCE_S)

    async def press(self, key: str) -> None:
        code = ord(key.upper())
        for kind in ("keyDown", "keyUp"):
            more = {"text": key} if kind == "keyDown" else {}
            await self.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **more)

    async def click(self, x: int, y: int) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def until(self, words: str) -> None:
        """Wait until the words came, escapes of the terminal left out."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + PATIENCE_S
        while words.encode() not in re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", self.received):
            assert loop.time() < ends, f"{words!r} did not come"
            await asyncio.sleep(0.05)

    async def screenshot(self, file: Path) -> bytes:
        data = base64.b64decode((await self.ask("Page.captureScreenshot", format="png"))["data"])
        file.write_bytes(data)
        return data

    async def _listen(self) -> None:
        async for message in self._socket:
            said = message.json()
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said.get("result", {}))
                continue
            params = said.get("params", {})
            match said["method"]:
                case "Network.requestWillBeSent":
                    self.requests.append(params["request"]["url"])
                case "Network.webSocketCreated":
                    self.requests.append(params["url"])
                case "Network.webSocketFrameReceived":
                    frame = params["response"]
                    data = frame["payloadData"]
                    self.received += base64.b64decode(data) if frame["opcode"] == 2 else data.encode()


@asynccontextmanager
async def browse(url: str, folder: Path, size: tuple[int, int] = (1400, 860)) -> AsyncIterator[Page]:
    """A page of a browser of its own, opened at an address."""
    window = f"--window-size={size[0]},{size[1]}"
    chromium = await asyncio.create_subprocess_exec(
        "chromium", *FLAGS, window, f"--user-data-dir={folder}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    try:
        assert chromium.stderr is not None
        address = b""
        while not address:
            line = await asyncio.wait_for(chromium.stderr.readline(), PATIENCE_S)
            assert line, "the browser ended"
            found = LISTENING.search(line)
            address = found[1] if found else b""
        draining = asyncio.create_task(chromium.stderr.read())
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://{address.decode()}/json/list") as answer:
                target = next(each for each in await answer.json() if each["type"] == "page")
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                for domain in ("Page", "Network", "Runtime"):
                    await page.ask(f"{domain}.enable")
                await page.ask("Page.navigate", url=url)
                yield page
        draining.cancel()
    finally:
        chromium.terminate()
        await chromium.wait()
