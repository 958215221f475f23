"""What both command lines do with devices: ``python -m countertop_drivers …`` and ``countertop device …``.

Each function does one thing and says what it found through ``say``, a line at a time; what goes wrong is a DriverError.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from countertop_drivers.careful import CarefulLink
from countertop_drivers.ccid.atr import Atr, parse_atr
from countertop_drivers.errors import BadAddress, CardAbsent, DriverError
from countertop_drivers.link import CardLink, Link, Swipe
from countertop_drivers.recording import masking, meaning, read, render
from countertop_drivers.registry import list_devices, open, open_card, open_swipe, schemes

Say = Callable[[str], None]
Record = str | os.PathLike[str] | None


def show_schemes(say: Say, *, as_json: bool = False) -> None:
    """Every scheme, and where its driver comes from."""
    known = schemes()
    if as_json:
        say(json.dumps(known, indent=2))
        return
    for scheme, where in known.items():
        say(f"{scheme:8} {where}")


def show_devices(say: Say, *, timeout_s: float = 3.0, as_json: bool = False) -> None:
    """Everything that is plugged in, as URLs to be pasted, and the drivers that could not look."""
    listing = list_devices(timeout_s)
    if as_json:
        found = [{"url": one.url, "title": one.title} for one in listing.found]
        problems = {
            scheme: {"message": error.message, "hint": error.hint} for scheme, error in listing.problems.items()
        }
        say(json.dumps({"found": found, "problems": problems}, indent=2))
        return
    width = max((len(one.url) for one in listing.found), default=0)
    for one in listing.found:
        say(f"{one.url:{width}}  {one.title}".rstrip())
    if not listing.found:
        say("No device was found. Serial devices are not asked; name them: pn532:serial:/dev/ttyUSB0")
    for scheme, error in listing.problems.items():
        say(f"({scheme}: {error})")


def probe(url: str, say: Say, *, record: Record = None) -> None:
    """Open a device; what it says of itself, whether a card is there, and what that answers to power."""
    with opened(url, record) as link:
        for name, text in _described(link).items():
            say(f"{name}: {text}")
        if not isinstance(link, CardLink):
            say("It reads stripes: swipe a card with `track`.")
            return
        try:
            answer = link.power_on()
        except CardAbsent:
            say("card: none")
            return
        say(f"card: {answer.hex().upper()}")
        for line in _about_reset(answer):
            say(f"  {line}")
        uid = getattr(link, "uid", None)
        if uid is not None:
            with contextlib.suppress(DriverError):
                say(f"  UID {uid().hex().upper()}")


def send(url: str, commands: Iterable[str], say: Say, *, allow: Iterable[str] = (), record: Record = None) -> None:
    """Send commands (hexadecimal) to the card and say its answers, masked but for test cards.

    Raises BadAddress for what is no command, NotAllowed for one that may harm a card.
    """
    apdus = [_apdu(text) for text in commands]
    with open_card(url, record) as link:
        careful = CarefulLink(link, allow)
        say(careful.power_on().hex().upper())
        for apdu in apdus:
            answer = careful.transmit(apdu)
            say(f"> {masking.command(apdu)}  {meaning.of_command(apdu)}")
            say(f"< {masking.response(answer)}  {meaning.of_response(answer)}")


def track(
    url: str, say: Say, *, timeout_s: float = 60.0, count: int = 1, record: Record = None, unmasked: bool = False
) -> None:
    """Wait for cards to be swiped and say their tracks, masked but for test cards.

    Raises DriverError when none came in time.
    """
    with open_swipe(url, record) as link:
        say("Swipe a card.")
        for _ in range(count):
            swipe = link.read(timeout_s)
            if swipe is None:
                raise DriverError(f"No card was swiped within {timeout_s:g} s.")
            for line in _tracks(swipe, unmasked):
                say(line)


def trace(path: str, say: Say) -> None:
    """A recording as text.  Raises BadAddress, TraceError."""
    for line in render(read(path)):
        say(line)


@contextlib.contextmanager
def opened(url: str, record: Record) -> Iterator[Link]:
    """A device for as long as the block lasts."""
    with open(url, record) as link:
        yield link


def _described(link: Any) -> dict[str, str]:
    describe = getattr(link, "describe", None)
    return {} if describe is None else describe()


def _about_reset(answer: bytes) -> Iterator[str]:
    if answer[:1] not in (b"\x3b", b"\x3f"):
        yield "an answer to select (ISO/IEC 14443-4)"
        return
    try:
        atr: Atr = parse_atr(answer)
    except DriverError as error:
        yield str(error)
        return
    yield f"protocols {', '.join(f'T={number}' for number in atr.protocols)}"
    if atr.historical:
        yield f"historical bytes {atr.historical.hex().upper()}"


def _tracks(swipe: Swipe, unmasked: bool) -> Iterator[str]:
    for number, text in enumerate(swipe.tracks, 1):
        if text is None:
            yield f"track {number}: nothing"
            continue
        shown = text.decode("latin-1") if unmasked else _readable(masking.track(text))
        yield f"track {number}: {shown}"
    if swipe.problem:
        yield f"problem: {swipe.problem}"


def _readable(digits: str) -> str:
    """Masked hexadecimal as text again."""
    pairs = (digits[at : at + 2] for at in range(0, len(digits), 2))
    return "".join("*" if pair == "**" else chr(int(pair, 16)) for pair in pairs)


def _apdu(text: str) -> bytes:
    try:
        apdu = bytes.fromhex(text)
    except ValueError:
        apdu = b""
    if len(apdu) < 4:
        raise BadAddress(f"{text[:40]!r} is no command.", "A command is hexadecimal, of four bytes at least.")
    return apdu
