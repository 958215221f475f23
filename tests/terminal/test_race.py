"""Two clients race for one reader over HTTP: one payment goes through each round, and never two charges (§2.3)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import stripe

from countertop.bench import DEFAULT_KEY, Bench
from countertop.server import LiveServer
from countertop.store import open_store


@pytest.mark.parametrize("rounds", [60, pytest.param(1_000, marks=[pytest.mark.slow, pytest.mark.timeout(300)])])
def test_exactly_one_wins_each_time(tmp_path: Path, make_bench: Callable[..., Bench], rounds: int) -> None:
    bench = make_bench(store=open_store(tmp_path / "race.db"))
    reader = bench.reader()
    outcomes: Counter[str] = Counter()
    with LiveServer(bench) as server:
        clients = [stripe.StripeClient(DEFAULT_KEY, base_addresses={"api": server.url}) for _ in range(2)]
        for number in range(rounds):
            intents = [
                intent(client, 1000 + 2 * (number % 50) * 100 + 100 * side) for side, client in enumerate(clients)
            ]
            asked = race([lambda c=c, i=i: ask(c, reader.id, i) for c, i in zip(clients, intents, strict=True)])
            ended = race([lambda c=c: present(c, reader.id) for c in clients])
            outcomes.update([*asked, *ended])
            paid = [name for name in intents if clients[0].v1.payment_intents.retrieve(name).status == "succeeded"]
            charges = [charge for name in intents for charge in charges_of(clients[0], name)]
            assert len(paid) == 1, (number, asked, ended)
            assert len(charges) == 1, (number, asked, ended)
            assert charges[0] == paid[0]
    assert outcomes["charged"] == outcomes["nothing pending"] == rounds
    assert outcomes["waiting"] + outcomes["terminal_reader_busy"] == 2 * rounds


def intent(client: stripe.StripeClient, amount: int) -> str:
    params = {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"]}
    return client.v1.payment_intents.create(params).id  # type: ignore[arg-type]


def ask(client: stripe.StripeClient, reader: str, name: str) -> str:
    """Have the reader ask for a card: the later of two replaces the earlier, or is told that the reader is busy."""
    try:
        client.v1.terminal.readers.process_payment_intent(reader, {"payment_intent": name})
    except stripe.InvalidRequestError as error:
        return str(error.code)
    return "waiting"


def present(client: stripe.StripeClient, reader: str) -> str:
    """Present a card."""
    try:
        client.v1.test_helpers.terminal.readers.present_payment_method(reader)
    except stripe.InvalidRequestError as error:
        return str(error.code or "nothing pending")
    return "charged"


def charges_of(client: stripe.StripeClient, name: str) -> list[str]:
    return [str(charge.payment_intent) for charge in client.v1.charges.list({"payment_intent": name}).data]


def race(works: list[Callable[[], str]]) -> list[str]:
    """Run all at once; what each said."""
    gate = threading.Barrier(len(works))
    said = [""] * len(works)

    def run(position: int) -> None:
        gate.wait(10)
        said[position] = works[position]()

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return said


def test_requests_in_parallel_one_is_told_busy(make_bench: Callable[..., Bench], tmp_path: Path) -> None:
    """Parallel: the second arrives before the first is answered, which is when its commit is done (§2.3)."""
    bench = make_bench(store=open_store(tmp_path / "parallel.db"))
    reader = bench.reader()
    client = bench.client()
    first, second = intent(client, 1000), intent(client, 2000)
    bench.store.grouping = True
    client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": first})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": second})
    assert caught.value.code == "terminal_reader_busy"
    bench.store.flush()
    client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": second})
    bench.store.flush()
    assert "$20.00" in reader.screen.text
