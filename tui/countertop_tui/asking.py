"""Asking the server without waiting for it: a few threads with a client each, and answers handed back to the screen."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from countertop.client import ServerClient
from countertop.errors import CountertopError

T = TypeVar("T")
THREADS = 3
Post = Callable[..., Any]
"""Runs a function in the screen's own thread, soon."""
_Work = tuple[Callable[[ServerClient], Any], Callable[[Any], None], Callable[[str], None]]


class Asking:
    """Asks the server at ``url``.  Threads are daemons: a server that does not answer keeps nobody from leaving."""

    def __init__(self, url: str, key: str, post: Post) -> None:
        self._url, self._key, self._post = url, key, post
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._stopped = False
        for number in range(THREADS):
            threading.Thread(target=self._work, name=f"countertop-asking-{number}", daemon=True).start()

    def ask(self, work: Callable[[ServerClient], T], then: Callable[[T], None], failed: Callable[[str], None]) -> None:
        """Run ``work`` in a thread; then ``then`` with what it returned, or ``failed`` with what was wrong."""
        self._queue.put((work, then, failed))

    def stop(self) -> None:
        """Ask no more; answers that are still to come are dropped."""
        self._stopped = True
        for _ in range(THREADS):
            self._queue.put(None)

    def _work(self) -> None:
        with ServerClient(self._url, self._key) as client:
            while (item := self._queue.get()) is not None:
                work, then, failed = item
                try:
                    answer = work(client)
                except CountertopError as error:
                    self._hand_back(failed, str(error))
                except Exception as error:  # an answer of another shape: the thread and the screen stay
                    self._hand_back(
                        failed, f"What the server says is not understood ({type(error).__name__}: {error})."
                    )
                else:
                    self._hand_back(then, answer)

    def _hand_back(self, function: Callable[[Any], None], value: Any) -> None:
        if not self._stopped:
            self._post(function, value)
