"""From a listening socket to a clean stop: one loop, one owner, uvicorn's HTTP protocol with our limits."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from countertop.server.app import App
from countertop.server.listen import url_of
from countertop.server.owner import Owner
from countertop.server.reader_link import ReaderLink
from countertop.server.wire import Wire

if TYPE_CHECKING:
    from countertop.bench import Bench

FINISH_S = 5.0


async def run(
    bench: Bench,
    listener: socket.socket,
    stop: asyncio.Event,
    ready: Callable[[], None],
    reader_listener: socket.socket | None = None,
) -> None:
    """Serve ``bench`` on ``listener`` until ``stop`` is set, then finish what is under way, commit and let go.

    ``reader_listener``: where the readers' local links are served; None serves none.
    """
    loop = asyncio.get_running_loop()
    owner = Owner(bench, loop, url_of(listener))
    link = ReaderLink(owner, reader_listener) if reader_listener is not None else None
    owner.take_over(link)
    state = ServerState()
    config = Config(
        App(owner),
        http="httptools",
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    config.load()
    clockwork = loop.create_task(_tell_date(state))
    server = await loop.create_server(
        lambda: Wire(owner, config=config, server_state=state, app_state={}), sock=listener
    )
    try:
        ready()
        if link is not None:
            await link.open()
        await stop.wait()
    finally:
        server.close()
        owner.streams.close()
        if link is not None:
            link.close()
            await _finish(link.state)
        await _finish(state)
        clockwork.cancel()
        await owner.give_back()


def serve(
    bench: Bench, listener: socket.socket, ready: Callable[[], None], reader_listener: socket.socket | None = None
) -> None:
    """Serve until SIGINT or SIGTERM; to be called from the main thread."""

    async def until_signal() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await run(bench, listener, stop, ready, reader_listener)

    run_loop(until_signal())


def run_loop(main: Any) -> None:
    """Run a coroutine on a fresh loop: uvloop's where it is installed."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's loop, or None for asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _tell_date(state: ServerState) -> None:
    while True:
        state.default_headers = [(b"date", formatdate(time.time(), usegmt=True).encode())]
        await asyncio.sleep(1)


async def _finish(state: ServerState) -> None:
    for connection in list(state.connections):
        connection.shutdown()
    deadline = time.monotonic() + FINISH_S
    while state.connections and time.monotonic() < deadline:
        await asyncio.sleep(0.005)
    for task in list(state.tasks):
        task.cancel()
    for connection in list(state.connections):
        connection.transport.abort()
    await asyncio.sleep(0)
