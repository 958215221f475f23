"""The ``bench`` fixture in somebody's repository: there at once, fresh for each test, without a socket."""

from __future__ import annotations

NO_SOCKETS = """
import socket

import pytest


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch):
    def refuse(*args):
        raise AssertionError("a socket was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
"""


def test_bench_is_there_without_an_import(run):
    result = run("def test_it(bench):\n    assert bench.call('POST', '/v1/customers')['object'] == 'customer'\n")
    result.assert_outcomes(passed=1)


def test_every_test_has_a_fresh_world_and_the_same_seed_gives_the_same_run(run):
    result = run(
        """
        seen = []

        def sale(bench):
            assert bench.call("GET", "/v1/customers")["data"] == [], "fresh"
            reader = bench.reader()
            intent = bench.call("POST", "/v1/payment_intents",
                {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]})
            bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent",
                {"payment_intent": intent["id"]})
            reader.tap("visa")
            paid = bench.call("GET", f"/v1/payment_intents/{intent['id']}")
            customer = bench.call("POST", "/v1/customers", {"name": "Jenny"})
            return reader.serial, paid["latest_charge"], customer["id"], bench.clock.now_ms()

        def test_first(bench):
            seen.append(sale(bench))

        def test_second(bench):
            assert sale(bench) == seen[0]
        """
    )
    result.assert_outcomes(passed=2)


def test_the_seed_of_a_run_is_an_ini_option(run, pytester):
    source = "def test_it(bench):\n    print('id:', bench.call('POST', '/v1/customers')['id'])\n"

    def identity(seed):
        pytester.makeini(f"[pytest]\ncountertop_seed = {seed}\n")
        [line] = [line for line in run(source, "-s").outlines if "id: " in line]
        return line.partition("id: ")[2]

    assert identity("one") != identity("two")


def test_module_level_and_client_calls_of_the_sdk_use_no_sockets(run, pytester):
    pytester.makeconftest(NO_SOCKETS)
    result = run(
        """
        import asyncio

        import pytest
        import stripe

        def test_module_level(bench):
            made = stripe.PaymentIntent.create(amount=1250, currency="usd")
            assert bench.call("GET", f"/v1/payment_intents/{made.id}")["amount"] == 1250

        def test_client(bench):
            client = bench.client()
            made = client.v1.customers.create({"name": "Jenny"})
            assert stripe.Customer.retrieve(made.id).name == "Jenny"

        def test_async(bench):
            async def both():
                client = bench.client()
                first, second = await asyncio.gather(
                    client.v1.customers.create_async({"name": "A"}), stripe.Customer.create_async(name="B"))
                return [first.id, second.id]

            made = asyncio.run(both())
            assert sorted(made) == sorted(item["id"] for item in bench.call("GET", "/v1/customers")["data"])

        def test_downloads_are_refused_by_the_api_and_not_by_the_client(bench):
            quotes = bench.client().v1.quotes
            with pytest.raises(stripe.StripeError):
                quotes.pdf("qt_none")
            with pytest.raises(stripe.StripeError):
                asyncio.run(quotes.pdf_async("qt_none"))

        def test_paging(bench):
            client = bench.client()
            for number in range(23):
                client.v1.customers.create({"metadata": {"number": str(number)}})
            seen = [item.metadata["number"] for item in client.v1.customers.list({"limit": 7}).auto_paging_iter()]
            assert seen == [str(number) for number in reversed(range(23))]
        """
    )
    result.assert_outcomes(passed=5)


def test_the_sdk_is_as_it_was_after_the_test(run):
    result = run(
        """
        import stripe

        def test_with(bench):
            assert stripe.api_key == "sk_test_counter"
            assert stripe.default_http_client is not None

        def test_without():
            assert stripe.api_key is None
            assert stripe.default_http_client is None
        """
    )
    result.assert_outcomes(passed=2)


def test_an_sdk_error_is_the_sdks_own(run):
    result = run(
        """
        import pytest
        import stripe

        def test_it(bench):
            with pytest.raises(stripe.InvalidRequestError) as caught:
                stripe.PaymentIntent.create(amount=1250)
            assert (caught.value.code, caught.value.param, caught.value.http_status) == (
                "parameter_missing", "currency", 400)
        """
    )
    result.assert_outcomes(passed=1)


def test_bench_url_is_a_live_server_in_front_of_the_same_world(run):
    result = run(
        """
        import stripe
        import httpx

        def test_it(bench, bench_url):
            assert bench_url.startswith("http://127.0.0.1:")
            here = stripe.Customer.create(name="in process")
            client = stripe.StripeClient("sk_test_counter", base_addresses={"api": bench_url},
                                         http_client=stripe.HTTPXClient(allow_sync_methods=True))
            assert client.v1.customers.retrieve(here.id).name == "in process"
            there = client.v1.customers.create({"name": "over HTTP"})
            assert stripe.Customer.retrieve(there.id).name == "over HTTP"
            intent = client.v1.payment_intents.create(
                {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]})
            reader = bench.reader()
            client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent.id})
            reader.tap("visa")
            assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
        """
    )
    result.assert_outcomes(passed=1)


def test_make_bench_makes_worlds_with_accounts_of_their_own(run):
    result = run(
        """
        def test_it(make_bench):
            first = make_bench(accounts={"sk_test_gb": "GB", "sk_test_fr": {"country": "FR", "business_name": "Chez"}})
            second = make_bench(seed="another")
            assert first.account("sk_test_gb").default_currency == "gbp"
            assert first.account("sk_test_fr").business_name == "Chez"
            assert first.account().country == "US"
            made = first.client("sk_test_gb").v1.customers.create({"name": "Jenny"})
            assert first.call("GET", "/v1/customers")["data"] == []
            assert second.client("sk_test_gb").v1.customers.list().data == []
            assert [item.id for item in first.client("sk_test_gb").v1.customers.list()] == [made.id]
        """
    )
    result.assert_outcomes(passed=1)


def test_xdist_workers_do_not_meet(run):
    result = run(
        """
        import pytest
        import stripe

        @pytest.mark.parametrize("number", range(8))
        def test_it(bench, bench_url, number):
            stripe.Customer.create(name=str(number))
            assert [item.name for item in stripe.Customer.list()] == [str(number)]
        """,
        "-n",
        "2",
    )
    result.assert_outcomes(passed=8)
