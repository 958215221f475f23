"""What a failing test shows: everything that happened on its bench, in order, and no card number."""

from __future__ import annotations

FAILING_SALE = """
    def test_sale(bench):
        inbox = bench.inbox("charge.succeeded")
        reader = bench.reader()
        intent = bench.call("POST", "/v1/payment_intents",
            {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]})
        bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent",
            {"payment_intent": intent["id"]})
        reader.tap("4242424242424242")
        bench.call("GET", f"/v1/payment_intents/{intent['id']}")
        bench.call("POST", "/v1/payment_methods", {"type": "card",
            "card": {"number": "5555555555554444", "exp_month": 12, "exp_year": 2031, "cvc": "987"}})
        assert False, "on purpose"
"""


def test_calls_reader_steps_and_webhooks_in_order_and_no_card_number(run):
    result = run(FAILING_SALE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Countertop transcript*",
            "*POST * /v1/webhook_endpoints *-> 200",
            "*POST * /v1/terminal/readers *-> 200",
            "*POST * /v1/payment_intents *amount=1250*-> 200",
            "*POST * /v1/terminal/readers/tmr_*/process_payment_intent *-> 200",
            "*reader * waiting: *",
            "*reader * result: *",
            "*webhook * charge.succeeded -> https://inbox.countertop.test/ attempt 1: 200",
            "*GET * /v1/payment_intents/pi_* -> 200",
        ],
    )
    section = result.stdout.str().partition("Countertop transcript")[2]
    assert "POST      /v1/payment_methods" in section
    for secret in ("4242424242424242", "5555555555554444", "987"):
        assert secret not in section


def test_refusals_say_why(run):
    result = run(
        """
        def test_it(bench):
            bench.call("POST", "/v1/payment_intents", {"amount": 1250})
        """
    )
    result.stdout.fnmatch_lines(["*/v1/payment_intents*-> 400 parameter_missing: Missing required param: currency."])


def test_each_bench_of_a_test_has_its_own_transcript(run):
    result = run(
        """
        def test_it(make_bench):
            for name in ("first", "second"):
                make_bench().call("POST", "/v1/customers", {"name": name})
            assert False
        """
    )
    sections = result.stdout.str().split("Countertop transcript")[1:]
    assert len(sections) == 2
    assert "name=first" in sections[0]
    assert "name=first" not in sections[1]


def test_a_passing_test_and_a_test_without_a_bench_show_nothing(run):
    result = run(
        """
        def test_passes(bench):
            bench.call("POST", "/v1/customers")

        def test_fails_elsewhere():
            assert False
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*Countertop transcript*")
