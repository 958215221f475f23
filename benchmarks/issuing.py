"""A thousand cards issued, delivered, activated and tapped once each, in process.

Run: python benchmarks/issuing.py [COUNT].
"""

from __future__ import annotations

import sys
import time

from countertop.bench import Bench

BAR_S = 20.0


def main() -> None:
    """Print the figures beside their bar (docs/performance.md)."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    bench = Bench(accounts={"sk_test_counter": "GB"})
    bench.fund_issuing(count * 1_000)
    reader = bench.reader()
    holder = bench.issue_card().object["cardholder"]["id"]
    start = time.perf_counter()
    cards = [bench.issue_card(holder=holder) for _ in range(count)]
    issued = time.perf_counter()
    for card in cards:
        card.parcel.deliver()
        card.activate()
    delivered = time.perf_counter()
    for card in cards:
        params = {"amount": 1_000, "currency": "gbp", "payment_method_types": ["card_present"]}
        intent = bench.call("POST", "/v1/payment_intents", params)
        bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
        reader.tap(card)
    end = time.perf_counter()
    left = bench.call("GET", "/v1/balance")["issuing"]["available"][0]["amount"]
    assert left == 0, "every card has paid"
    print(
        f"{count:,} cards: issued in {issued - start:.1f} s, delivered and activated in {delivered - issued:.1f} s, "
        f"tapped in {end - delivered:.1f} s; {end - start:.1f} s in all (bar: {BAR_S:.0f} s)"
    )


if __name__ == "__main__":
    main()
