"""What both command lines do with devices: ``python -m countertop_drivers …`` and ``countertop device …``.

Each function does one thing and says what it found through ``say``, a line at a time, or once as JSON; what goes wrong
is a DriverError.  Card numbers are masked but for those that were made up for tests.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from countertop_drivers.careful import CarefulLink
from countertop_drivers.ccid.atr import parse_atr
from countertop_drivers.errors import BadAddress, CardAbsent, DriverError
from countertop_drivers.link import CardLink, Swipe
from countertop_drivers.recording import render
from countertop_drivers.recording.masking import Mask, readable
from countertop_drivers.recording.meaning import of_command, of_response
from countertop_drivers.recording.text import either
from countertop_drivers.registry import list_devices, open, schemes

Say = Callable[[str], None]
Record = str | os.PathLike[str] | None


def show_schemes(say: Say, *, as_json: bool = False) -> None:
    """Every scheme, and where its driver comes from."""
    known = schemes()
    if as_json:
        _say_json(say, known)
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
        _say_json(say, {"found": found, "problems": problems})
        return
    width = max((len(one.url) for one in listing.found), default=0)
    for one in listing.found:
        say(f"{one.url:{width}}  {one.title}".rstrip())
    if not listing.found:
        say("No device was found. Serial devices are not asked; name them: pn532:serial:/dev/ttyUSB0")
    for scheme, error in listing.problems.items():
        say(f"({scheme}: {error})")


def probe(url: str, say: Say, *, record: Record = None, as_json: bool = False) -> None:
    """Open a device; what it says of itself, whether a card is there, and what that answers to power."""
    with open(url, record) as link:
        found: dict[str, Any] = {"url": url, "device": _described(link)}
        if isinstance(link, CardLink):
            found |= {"kind": "card", "card": _card(link)}
        else:
            found["kind"] = "swipe"
    if as_json:
        _say_json(say, found)
        return
    for name, text in found["device"].items():
        say(f"{name}: {text}")
    if found["kind"] == "swipe":
        say("It reads stripes: swipe a card with `track`.")
    elif found["card"] is None:
        say("card: none")
    else:
        card = found["card"]
        say(f"card: {card.pop('answer')}")
        for name, value in card.items():
            say(f"  {name} {', '.join(value) if isinstance(value, list) else value}")


def send(
    url: str,
    commands: Iterable[str],
    say: Say,
    *,
    allow: Iterable[str] = (),
    record: Record = None,
    unmasked: bool = False,
    as_json: bool = False,
) -> None:
    """Send commands (hexadecimal) to the card and say its answers, as soon as they come unless it is JSON.

    ``unmasked``: all digits are shown; a recording is masked all the same.

    Raises BadAddress for what is no command and for a reader of stripes, NotAllowed for one that may harm a card.
    """
    apdus = [_apdu(text) for text in commands]
    mask = None if unmasked else Mask()
    exchanges: list[dict[str, str]] = []
    with open(url, record) as link:
        if not isinstance(link, CardLink):
            raise BadAddress(f"{url} reads stripes; it cannot speak to a chip.")
        careful = CarefulLink(link, allow)
        reset = careful.power_on().hex().upper()
        if not as_json:
            say(reset)
        for apdu in apdus:
            answer = careful.transmit(apdu)
            sent = apdu.hex().upper() if mask is None else mask.command(apdu)
            came = answer.hex().upper() if mask is None else mask.response(answer)
            asked, said = of_command(apdu[:4] if "*" in sent else apdu), of_response(answer)
            exchanges.append({"command": sent, "asked": asked, "response": came, "said": said})
            if not as_json:
                say(f"> {sent}  {asked}")
                say(f"< {came}  {said}")
    if as_json:
        _say_json(say, {"url": url, "answer": reset, "exchanges": exchanges})


def track(
    url: str,
    say: Say,
    *,
    timeout_s: float = 60.0,
    count: int = 1,
    record: Record = None,
    unmasked: bool = False,
    as_json: bool = False,
) -> None:
    """Wait for cards to be swiped and say their tracks.  As JSON: a line for each card.

    ``unmasked``: all digits of any card are shown; a recording is masked all the same.

    Raises DriverError when none came in time, BadAddress for a slot.
    """
    with open(url, record) as link:
        if isinstance(link, CardLink):
            raise BadAddress(f"{url} is a slot for chips; it reads no stripes.")
        if not as_json:
            say("Swipe a card.")
        for _ in range(count):
            swipe = link.read(timeout_s)
            if swipe is None:
                raise DriverError(f"No card was swiped within {timeout_s:g} s.")
            tracks = _tracks(swipe, unmasked)
            if as_json:
                say(json.dumps({"tracks": tracks, "problem": swipe.problem}))
                continue
            for number, text in enumerate(tracks, 1):
                say(f"track {number}: {'nothing' if text is None else text}")
            if swipe.problem:
                say(f"problem: {swipe.problem}")


def trace(path: str, say: Say, *, as_json: bool = False) -> None:
    """A recording of either format as text.  Raises BadAddress, TraceError."""
    recording = either(path)
    if not as_json:
        for line in render(recording):
            say(line)
        return
    frames = [
        {"line": one.line, "us": one.us, "dir": one.direction, "kind": one.kind, "hex": one.digits, "means": one.means}
        | {name: value for name, value in (("problem", one.problem), ("method", one.method)) if value}
        for one in recording.frames
    ]
    head = {"url": recording.url, "kind": recording.kind, "began": recording.began, "masked": recording.masked}
    _say_json(say, head | {"whole": recording.hidden is None, "frames": frames})


def _say_json(say: Say, what: object) -> None:
    say(json.dumps(what, indent=2))


def _described(link: Any) -> dict[str, str]:
    """What a device tells of itself, by ``describe`` or by what else it has."""
    describe = getattr(link, "describe", None)
    if describe is not None:
        return dict(describe())
    tellers = {name: getattr(link, name, None) for name in ("model", "firmware")}
    return {name: str(tell()) for name, tell in tellers.items() if callable(tell)}


def _card(link: CardLink) -> dict[str, Any] | None:
    """What a card answers to power, and what that says."""
    try:
        answer = link.power_on()
    except CardAbsent:
        return None
    card: dict[str, Any] = {"answer": answer.hex().upper()} | _about_reset(answer)
    uid = getattr(link, "uid", None)
    if uid is not None:
        with contextlib.suppress(DriverError):
            card["UID"] = uid().hex().upper()
    return card


def _about_reset(answer: bytes) -> dict[str, Any]:
    if answer[:1] not in (b"\x3b", b"\x3f"):
        return {"is": "an answer to select (ISO/IEC 14443-4)"}
    try:
        atr = parse_atr(answer)
    except DriverError as error:
        return {"problem": str(error)}
    told: dict[str, Any] = {"protocols": [f"T={number}" for number in atr.protocols]}
    if atr.historical:
        told["historical bytes"] = atr.historical.hex().upper()
    return told


def _tracks(swipe: Swipe, unmasked: bool) -> list[str | None]:
    mask = Mask()
    return [
        None if text is None else text.decode("latin-1") if unmasked else readable(mask.track(text))
        for text in swipe.tracks
    ]


def _apdu(text: str) -> bytes:
    try:
        apdu = bytes.fromhex(text)
    except ValueError:
        apdu = b""
    if len(apdu) < 4:
        raise BadAddress(f"{text[:40]!r} is no command.", "A command is hexadecimal, of four bytes at least.")
    return apdu
