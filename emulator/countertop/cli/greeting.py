"""What ``countertop up`` prints when it is ready."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from countertop.bench import DEFAULT_KEY, Bench
from countertop.readers import DeviceState
from countertop.services.terminal.pairing import DIRECTORY
from countertop.store import Transaction

MOST_READERS = 8


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to say beside the world itself."""

    url: str
    data_file: Path | None
    forward_to: str | None = None
    secret: str | None = None
    links: str | None = None


def greeting(bench: Bench, facts: Facts) -> str:
    """A few lines: address, key, SDK, readers, data file, how to stop."""
    return "\n".join(_lines(bench, facts))


def _lines(bench: Bench, facts: Facts) -> Iterator[str]:
    yield f"Countertop is up at {facts.url}  (API version {bench.world.catalog.api_version})"
    yield f"  key      {DEFAULT_KEY}  (any sk_test_… is an account of its own)"
    yield f'  SDK      stripe.StripeClient("{DEFAULT_KEY}", base_addresses={{"api": "{facts.url}"}})'
    yield from _readers(bench)
    if facts.links is not None:
        yield f"  POS      SERIAL.{facts.links}  (trust {facts.url}/_countertop/ca.pem)"
    if facts.forward_to is not None:
        yield f"  webhooks {facts.forward_to}  signing secret {facts.secret}"
    yield f"  data     {facts.data_file or 'in memory: gone when the server stops'}"
    yield "Stop with Ctrl-C."


def _readers(bench: Bench) -> Iterator[str]:
    serials = bench.transact(lambda tx: bench.devices.serials(tx))[::-1]
    for serial in serials[:MOST_READERS]:
        state, entry = bench.transact(partial(_look, bench, serial))
        if entry is not None:
            yield f"  reader   {entry['reader']}  {serial}"
        else:
            yield f"  reader   not registered yet  {serial}  pairing code {state.code or 'comes when it has booted'}"
    if len(serials) > MOST_READERS:
        yield f"  readers  and {len(serials) - MOST_READERS} more: countertop fleet"


def _look(bench: Bench, serial: str, tx: Transaction) -> tuple[DeviceState, dict[str, Any] | None]:
    return bench.devices.state(tx, serial), tx.get("", DIRECTORY, serial)
