"""A server with many readers that change all the time: the load of ``fleet_screen``.

Prints its address, publishes updates (real items of the stream, of one reader after the other) until its standard input
is closed, then prints how many a second it published.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from functools import partial

from countertop.bench import Bench
from countertop.clock import Clock
from countertop.server import LiveServer

STEP_S = 0.02


def main() -> None:
    """``restless_fleet READERS UPDATES_PER_SECOND``."""
    count, rate = int(sys.argv[1]), int(sys.argv[2])
    with Bench(seed="restless", clock=Clock.real()) as bench:
        for number in range(count):
            bench.reader(label=f"Till {number:05}")
        items: list[dict[str, object]] = []
        samples = _samples(bench)
        serials = bench.transact(lambda tx: bench.devices.serials(tx))
        for serial in serials:
            items += [{**sample, "serial": serial} for sample in samples]
        with LiveServer(bench) as server:
            print(server.url, flush=True)
            ended = threading.Event()
            threading.Thread(target=_wait, args=(ended,), daemon=True).start()
            published, began = 0, time.monotonic()
            chance = random.Random(1)
            while not ended.wait(STEP_S):
                due = int((time.monotonic() - began) * rate) - published
                batch = chance.choices(items, k=due)
                published += due
                bench.transact(partial(_publish, bench, batch))
            print(round(published / (time.monotonic() - began)), flush=True)


def _wait(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _publish(bench: Bench, batch: list[dict[str, object]], tx: object) -> None:
    now = bench.clock.now_ms()
    for item in batch:
        bench.feed.publish(now, "reader", item)


def _samples(bench: Bench) -> list[dict[str, object]]:
    """What the stream says of one reader while it sells."""
    heard: list[dict[str, object]] = []
    stop = bench.feed.watch(lambda item: heard.append(item.data) if item.topic == "reader" else None)
    till = bench.reader(label="Sample")
    intent = bench.call(
        "POST", "/v1/payment_intents", {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]}
    )
    bench.call("POST", f"/v1/terminal/readers/{till.id}/process_payment_intent", {"payment_intent": intent["id"]})
    till.tap()
    stop()
    return heard


if __name__ == "__main__":
    main()
