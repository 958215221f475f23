"""A sale in process through the official SDK, and the price of a fresh bench per test.

Run: python benchmarks/sale.py [SECONDS].  A sale is four calls and a tap: create, process, present, retrieve.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time

from countertop.bench import Bench


def sales_per_second(seconds: float) -> float:
    """Sales through ``bench.client()``, without sockets, on one reader."""
    bench = Bench()
    client = bench.client()
    reader = bench.reader()
    done = 0
    end = time.perf_counter() + seconds
    start = time.perf_counter()
    while time.perf_counter() < end:
        intent = client.v1.payment_intents.create(
            {"amount": 1250, "currency": "usd", "allowed_payment_method_types": ["card_present"]}
        )
        client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent.id})
        reader.tap("visa")
        assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
        done += 1
    return done / (time.perf_counter() - start)


def fresh_bench_ms(count: int = 200) -> tuple[float, float]:
    """(first, median of the rest) milliseconds for a bench that answers one call."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        with Bench() as bench:
            bench.call("GET", "/v1/customers")
        times.append((time.perf_counter() - start) * 1000)
    return times[0], statistics.median(times[1:])


def main() -> None:
    """Print the figures beside their bars (docs/performance.md)."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    first, rest = fresh_bench_ms()
    print(f"fresh bench: first {first:.1f} ms, then {rest:.2f} ms each (bar: 2 ms)")
    gc.collect()
    print(f"sales through the SDK, in process: {sales_per_second(seconds):.0f}/s (bar: 300/s)")


if __name__ == "__main__":
    main()
