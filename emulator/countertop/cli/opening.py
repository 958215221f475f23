"""Opens the world behind ``countertop up``: clock, store, vault and bench."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from countertop.bench import Bench
from countertop.cli.places import default_data_file
from countertop.clock import Clock
from countertop.errors import DataFileError
from countertop.store import open_store
from countertop.vault import KIND as SEALED
from countertop.vault import Vault


def data_file() -> Path:
    """Where the world is kept by default; its folder is made."""
    file = default_data_file(os.environ, Path.home())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataFileError(f"The folder {file.parent} cannot be made: {error.strerror}.", "Use --data FILE") from None
    return file


@contextmanager
def open_bench(file: Path | None, seed: str | None, speed: float) -> Iterator[Bench]:
    """A bench in real time; durable when there is a file.  Raises DataFileError for a file that cannot be used.

    Without a seed every world has ids of its own.
    """
    chosen = secrets.token_hex(8) if seed is None else seed
    clock = Clock.real(speed)
    if file is None:
        with Bench(seed=chosen, clock=clock) as bench:
            yield bench
        return
    store = open_store(file)
    try:
        with store.transaction() as tx:
            sealed = tx.count("", SEALED) > 0
        bench = Bench(seed=chosen, clock=clock, store=store, vault=Vault.for_file(file, sealed_rows=sealed))
    except BaseException:
        store.close()
        raise
    with bench:
        yield bench
