"""A server in a thread, for tests and scripts: a bench in process, with a URL."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING

from countertop.errors import WaitExpired
from countertop.server.lifetime import run, run_loop
from countertop.server.listen import listen, url_of
from countertop.server.reader_link import listen_for_pos

if TYPE_CHECKING:
    from countertop.bench import Bench

START_S = 30.0
STOP_S = 30.0


class LiveServer:
    """Serves ``bench`` from construction until :meth:`close`; the bench stays usable from every thread."""

    def __init__(self, bench: Bench, host: str = "127.0.0.1", port: int = 0, reader_port: int = 0) -> None:
        self._bench = bench
        self._listener = listen(host, port)
        self._reader_listener = listen_for_pos(reader_port)
        self.url = url_of(self._listener)
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._work, name=f"countertop {self.url}", daemon=True)
        self._thread.start()
        self._loop, self._stop = self._started.result(START_S)

    def close(self) -> None:
        """Finish what is under way, commit, and stop.  Closing twice is allowed."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(STOP_S)
            if self._thread.is_alive():
                raise WaitExpired(f"The server at {self.url} did not stop within {STOP_S:g} s.")

    def __enter__(self) -> LiveServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _work(self) -> None:
        try:
            run_loop(self._main())
        except BaseException as error:  # handed to the thread that waits for the start
            if self._started.done():
                raise
            self._started.set_exception(error)
        finally:
            self._listener.close()
            self._reader_listener.close()

    async def _main(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        await run(
            self._bench,
            self._listener,
            stop,
            lambda: self._started.set_result((loop, stop)),
            self._reader_listener,
        )
