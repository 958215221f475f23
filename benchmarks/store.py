"""The store and the API over it, in process: writes, list pages by size of the list, memory, loading.

Run by hand: ``python -m benchmarks.store [--large 1000000]``.  Ratios within one run say more than absolute figures.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from countertop.api.http import Request
from countertop.bench import Bench
from countertop.store import memory_store, open_store

GROUP = 16
HEADERS = {"authorization": "Bearer sk_test_counter"}


def customer(number: int) -> dict[str, object]:
    """An object of the size of a real customer."""
    return {
        "id": f"cus_{number:014d}",
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": 1_767_225_600 + number,
        "currency": None,
        "delinquent": False,
        "description": None,
        "email": f"c{number % 100}@example.com",
        "invoice_prefix": f"{number:08X}",
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
        "livemode": False,
        "metadata": {"order": str(number)},
        "name": f"Customer {number}",
        "phone": None,
        "shipping": None,
        "tax_exempt": "none",
    }


def event(number: int) -> dict[str, object]:
    """The event of its creation."""
    return {
        "id": f"evt_{number:024d}",
        "object": "event",
        "created": 1_767_225_600 + number,
        "data": {"object": customer(number)},
        "type": "customer.created",
    }


def writes_per_second(count: int = 20_000) -> tuple[float, float]:
    """Transactions of an object and its event: (in memory, durable with fsync in groups of 16)."""
    rates = []
    with tempfile.TemporaryDirectory() as folder:
        for store in (memory_store(), open_store(Path(folder) / "world.db")):
            store.grouping = True
            start = time.perf_counter()
            for number in range(count):
                with store.transaction() as tx:
                    tx.put("a", "customer", customer(number), created=number)
                    tx.put("a", "event", event(number), created=number)
                if number % GROUP == GROUP - 1:
                    store.flush()
            rates.append(count / (time.perf_counter() - start))
            store.close()
    return rates[0], rates[1]


def page_microseconds(sizes: list[int]) -> list[dict[str, float]]:
    """A list page of 10 through the API, plain, in the middle, and filtered, for lists of these sizes."""
    found = []
    for size in sizes:
        with Bench() as bench:
            account = bench.account()
            with bench.store.transaction() as tx:
                for number in range(size):
                    tx.put(account.id, "customer", customer(number), created=1_767_225_600 + number)
            queries = {
                "first page": "limit=10",
                "middle": f"limit=10&starting_after=cus_{size // 2:014d}",
                "filtered": "limit=10&email=c7%40example.com",
            }
            times = {}
            for name, query in queries.items():
                request = Request("GET", "/v1/customers", query, HEADERS)
                bench.handle(request)  # the first filtered list builds its index
                start = time.perf_counter()
                for _ in range(300):
                    bench.handle(request)
                times[name] = (time.perf_counter() - start) / 300 * 1e6
            found.append(times)
    return found


def memory_mib(count: int) -> float:
    """Resident memory that ``count`` objects with their events take: in a fresh process, above an empty bench."""
    code = f"from benchmarks.store import fill_and_measure as f; print(f({count}))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return float(printed)


def fill_and_measure(count: int) -> float:
    """MiB that filling a fresh bench adds to this process."""
    with Bench() as bench:
        before = resident_mib()
        with bench.store.transaction() as tx:
            for number in range(count):
                tx.put("a", "customer", customer(number), created=number)
                tx.put("a", "event", event(number), created=number)
        return resident_mib() - before


def resident_mib() -> float:
    """What this process holds now (Linux).  The peak would not do: a child starts with its parent's."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def load_seconds(count: int = 100_000) -> float:
    """Opening a data file with ``count`` objects and as many events."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "world.db"
        store = open_store(path, fsync=False)
        store.grouping = True
        for number in range(count):
            with store.transaction() as tx:
                tx.put("a", "customer", customer(number), created=number)
                tx.put("a", "event", event(number), created=number)
            if number % 1000 == 999:
                store.flush()
        store.close()
        start = time.perf_counter()
        open_store(path).close()
        return time.perf_counter() - start


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=100_000, help="size of the large list")
    large = parser.parse_args().large
    memory, durable = writes_per_second()
    print(f"transactions (object + event): memory {memory:,.0f}/s, durable with fsync, groups of 16 {durable:,.0f}/s")
    small_pages, large_pages = page_microseconds([1_000, large])
    for name, small in small_pages.items():
        print(
            f"list page of 10, {name}: {small:.0f} us out of 1,000, {large_pages[name]:.0f} us out of {large:,}"
            f" ({large_pages[name] / small:.2f}x)"
        )
    print(f"memory: {memory_mib(100_000):.0f} MiB per 100,000 objects with their events")
    print(f"opening a data file with 100,000 objects and 100,000 events: {load_seconds():.2f} s")


if __name__ == "__main__":
    main()
