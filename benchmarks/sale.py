"""A sale in process through the official SDK, and the price of a fresh bench per test.

Run: python benchmarks/sale.py [SECONDS].  A sale is three calls and a card: create, process, present, retrieve.  An
inserted card is a whole EMV transaction, with CDA and an online approval; so is a tap in kernel 2, while kernel 3 goes
online without a signature.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time

from countertop.bench import Bench

WAYS = (
    ("tapped, kernel 3", "tap", "visa"),
    ("tapped, kernel 2 with CDA", "tap", "mastercard"),
    ("tapped, a phone", "tap", "apple_pay:visa"),
    ("inserted, CDA", "insert", "visa"),
    ("swiped", "swipe", "visa_stripe"),
)


def sales_per_second(seconds: float, how: str, card: str) -> float:
    """Sales through ``bench.client()``, without sockets, on one reader; by a tap or with a chip."""
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
        getattr(reader, how)(card)
        assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
        if how == "insert":
            reader.remove_card()
        done += 1
    return done / (time.perf_counter() - start)


def cpu_ms(how: str, card: str, count: int = 300) -> float:
    """CPU milliseconds of one card, without the SDK: from the card at the reader to the end of the action."""
    bench = Bench()
    reader = bench.reader()
    spent = 0.0
    for _ in range(count):
        params = {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]}
        intent = bench.call("POST", "/v1/payment_intents", params)
        bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
        start = time.process_time()
        getattr(reader, how)(card)
        spent += time.process_time() - start
        if how == "insert":
            reader.remove_card()
    return spent / count * 1000


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
    for what, how, card in WAYS:
        gc.collect()
        per_second, each = sales_per_second(seconds, how, card), cpu_ms(how, card)
        print(f"{what}: {per_second:.0f}/s through the SDK (bar: 120/s), {each:.2f} ms CPU without it (bar: 5 ms)")


if __name__ == "__main__":
    main()
