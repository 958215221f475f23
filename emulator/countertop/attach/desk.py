"""The server's side of an attached device: what the reader shows and wants, and what its card is asked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import Any

from countertop.client import RequestRefused, ServerClient, ServerNotRunning

#: Nothing is asked any more; what it carries is why.
Ask = dict[str, Any]
Say = Callable[[str], None]


class Desk:
    """One attachment.  ``asks`` are the server's questions, in order; an ask ``{"do": "end"}`` is the last."""

    def __init__(self, url: str, reader: str, device: str, how: str, allow: Iterable[str], say: Say) -> None:
        self.asks: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self._reader = reader
        self._body = (device, how, tuple(allow))
        self._say = say
        self._client = ServerClient(url)
        self._questions = ServerClient(url)
        self._watching = ServerClient(url)
        self._state = ""
        self._shown = ""
        self._attached = threading.Event()
        self._closing = False

    def open(self) -> None:
        """Attach, and begin to listen.  Raises RequestRefused, ServerNotRunning."""
        self._look(self._client.reader(self._reader))
        threading.Thread(target=self._hear_questions, name="attach-questions", daemon=True).start()
        first = self.asks.get()
        if first["do"] == "end":
            raise first["error"]
        threading.Thread(target=self._watch, name="attach-screen", daemon=True).start()

    @property
    def wants_card(self) -> bool:
        """Whether the reader asks for a card."""
        return self._state == "waiting"

    def card_came(self) -> bool:
        """Present the card at the device; False when the reader does not take it now."""
        return self._tell({"state": "present"})

    def card_gone(self) -> None:
        """The card has left the device."""
        self._tell({"state": "gone"})

    def swiped(self, tracks: list[str | None]) -> bool:
        """Present a stripe; False when the reader does not take it now."""
        return self._tell({"tracks": tracks})

    def answer(self, number: int, response: bytes) -> None:
        """What the card answered to a question."""
        self._client.card_said(self._reader, number, response)

    def silence(self, number: int, kind: str) -> None:
        """The card answered nothing: ``mute`` or ``removed``."""
        self._client.card_silent(self._reader, number, kind)

    def close(self) -> None:
        """Hang up; the server detaches."""
        self._closing = True
        for client in (self._client, self._questions, self._watching):
            client.close()

    def _tell(self, what: dict[str, Any]) -> bool:
        try:
            self._client.card_at_device(self._reader, what)
        except RequestRefused as error:
            self._say(f"The reader does not take it: {error.message} {error.hint}".rstrip())
            return False
        return True

    def _hear_questions(self) -> None:
        device, how, allow = self._body
        end: Ask = {"do": "end", "error": None}
        try:
            with self._questions.attaching(self._reader, device, how, allow) as asks:
                for ask in asks:
                    self.asks.put(ask)
            end["error"] = ServerNotRunning("The server let the device go.", "Attach it again when it is back.")
        except (RequestRefused, ServerNotRunning) as error:
            end["error"] = error
        except Exception as error:  # the connection was closed under it
            if not self._closing:
                end["error"] = ServerNotRunning(f"The connection to the server broke: {error}.", "Attach it again.")
        self.asks.put(end)

    def _watch(self) -> None:
        try:
            with self._watching.listening("reader") as items:
                self._look(self._client.reader(self._reader))
                for item in items:
                    if item.data.get("serial") == self._reader and "screen" in item.data:
                        self._look(item.data)
        except Exception as error:
            if not self._closing:
                self._say(f"The screen is not followed any more: {error}")

    def _look(self, view: dict[str, Any]) -> None:
        self._state = view["state"]
        text = view["screen"]["text"]
        if text != self._shown:
            self._shown = text
            self._say(text)
