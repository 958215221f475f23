"""The world as a whole: what it is, its clock, reset, snapshot, restore, load."""

from __future__ import annotations

from typing import Any

from countertop import __version__
from countertop.bench import DEFAULT_KEY
from countertop.clock import Clock
from countertop.errors import ConfigurationError
from countertop.seeding import read_objects
from countertop.server.control.ask import Ask, Blob, NotFound
from countertop.server.control.bodies import ClockChange


def info(ask: Ask) -> dict[str, Any]:
    """GET /"""
    bench = ask.bench
    return {
        "name": "countertop",
        "version": __version__,
        "api_version": bench.world.catalog.api_version,
        "seed": bench.world.seed,
        "clock": _clock(bench.clock),
        "accounts": sum(1 for _ in bench.world.accounts),
        "url": ask.owner.url,
        "reader_link": ask.owner.link.info() if ask.owner.link is not None else None,
    }


def authority(ask: Ask) -> Blob:
    """GET ca.pem: whom a POS has to trust to talk to the readers."""
    if ask.owner.link is None:
        raise NotFound("This server does not serve the readers' local links.")
    return Blob(ask.owner.link.certificate())


def show_clock(ask: Ask) -> dict[str, Any]:
    """GET clock"""
    return _clock(ask.bench.clock)


def change_clock(ask: Ask) -> dict[str, Any]:
    """POST clock: the speed changes first, then time is advanced."""
    change = ask.model(ClockChange)
    clock = ask.bench.clock
    if change.speed is not None and change.freeze:
        raise ConfigurationError("A clock cannot both be frozen and have a speed.", "Send freeze or speed.")
    if change.speed is not None:
        clock.set_speed(change.speed)
    elif change.freeze is not None:
        clock.set_speed(0.0 if change.freeze else clock.speed or 1.0)
    if change.advance_ms is not None:
        ask.bench.advance(milliseconds=change.advance_ms)
    shown = _clock(clock)
    ask.bench.feed.publish(clock.now_ms(), "clock", shown)
    return shown


def reset(ask: Ask) -> dict[str, Any]:
    """POST reset"""
    ask.bench.reset()
    ask.owner.streams.close()
    return {"reset": True}


def snapshot(ask: Ask) -> Blob:
    """GET snapshot"""
    return Blob(ask.bench.snapshot())


def restore(ask: Ask) -> dict[str, Any]:
    """POST restore: open streams end, for what they told is no longer so."""
    ask.bench.restore(ask.body)
    ask.owner.streams.close()
    return {"restored": True, "clock": _clock(ask.bench.clock)}


def load(ask: Ask) -> dict[str, Any]:
    """POST load"""
    count = ask.bench.load(read_objects(ask.body), key=ask.query.get("key") or DEFAULT_KEY)
    return {"loaded": count}


def _clock(clock: Clock) -> dict[str, Any]:
    return {"now": clock.now(), "now_ms": clock.now_ms(), "speed": clock.speed, "frozen": clock.is_virtual}
