"""Contactless limits by country, Interac's rules, and which network a co-badged card runs on over the air."""

import pytest

from countertop.readers.contactless_limits import limits_for

# Country · its limit without a PIN (minor units) · whether the PIN goes to the issuer on the same tap.
LIMITS = [("GB", 10_000, False), ("DE", 5_000, True), ("AU", 20_000, True), ("FR", 5_000, True), ("SG", 20_000, False)]


def details(till, intent, kind="card_present"):
    return till.charges(intent)[0].payment_method_details[kind]


@pytest.mark.parametrize(("country", "limit", "same_tap"), LIMITS)
@pytest.mark.parametrize("card", ["visa", "mastercard"])
@pytest.mark.parametrize("over", [False, True])
def test_limits(open_till, country, limit, same_tap, card, over):
    till = open_till(country, simulated=False)
    # The amount above it is the next one whose last digits mean nothing by themselves.
    intent = till.process(limit + 100 if over else limit)
    followed = till.tap_and_follow(card)
    if not over:
        assert followed == []
    elif same_tap:
        assert followed == ["pin"]
    else:
        assert followed[0] == "insert"
    assert till.status(intent) == "succeeded"
    seen = details(till, intent)
    assert seen.read_method == ("contact_emv" if "insert" in followed else "contactless_emv")
    if followed == ["pin"]:
        assert seen.receipt.cardholder_verification_method == "online_pin"


def test_the_tip_counts(open_till):
    till = open_till("GB", simulated=False)
    till.tipping(gbp={"fixed_amounts": [500, 600, 700]})
    intent = till.process(9_900)
    till.hands.choose_tip(500)
    assert till.tap_and_follow("visa")[0] == "insert"
    assert till.intents.retrieve(intent).amount == 10_400


def test_no_limit_in_the_united_states(till):
    intent = till.process(999_900)
    till.hands.tap("visa")
    assert till.status(intent) == "succeeded"


@pytest.mark.parametrize(
    ("country", "currency", "network", "no_cvm", "device"),
    [
        ("US", "usd", "visa", None, None),
        ("GB", "gbp", "visa", 10_000, None),
        ("IE", "eur", "visa", 5_000, None),
        ("CH", "chf", "mastercard", 8_000, None),
        ("CA", "cad", "interac", 10_000, 25_000),
        ("CA", "cad", "visa", 25_000, None),
        # Another currency than the country's own has the limits of its own country; an unknown one none.
        ("CH", "eur", "visa", 5_000, None),
        ("GB", "xau", "visa", None, None),
        ("XX", "usd", "visa", None, None),
    ],
)
def test_the_data(country, currency, network, no_cvm, device):
    limits = limits_for(country, currency, network)
    assert (limits.no_cvm_up_to, limits.device_up_to) == (no_cvm, device)


class TestInterac:
    """terminal.md §2.7: up to 100 CAD, 250 with a phone's own check, and the chip on the fourth tap in a row."""

    TYPES = ("card_present", "interac_present")

    def pays(self, till, amount):
        intent = till.process(amount, types=list(self.TYPES))
        return intent, till.tap_and_follow("interac")

    @pytest.mark.parametrize(("amount", "taps"), [(10_000, True), (10_100, False)])
    def test_up_to_a_hundred_dollars(self, open_till, amount, taps):
        till = open_till("CA", simulated=False)
        intent, followed = self.pays(till, amount)
        assert followed == ([] if taps else ["insert", "pin"])
        assert till.status(intent) == "succeeded"
        assert details(till, intent, "interac_present").read_method == ("contactless_emv" if taps else "contact_emv")

    def test_the_fourth_tap_in_a_row(self, open_till):
        till = open_till("CA", simulated=False)
        ways = []
        for _ in range(6):
            intent, followed = self.pays(till, 1_250)
            assert till.status(intent) == "succeeded"
            ways.append("tap" if not followed else "chip")
            if followed:
                till.hands.remove_card()
            till.bench.advance(seconds=10)
        assert ways == ["tap", "tap", "tap", "chip", "tap", "tap"]

    def test_no_capture_by_hand(self, open_till):
        till = open_till("CA", simulated=False)
        intent = till.process(
            1_250,
            types=list(self.TYPES),
            payment_method_options={"card_present": {"capture_method": "manual_preferred"}},
        )
        till.hands.tap("interac")
        assert till.status(intent) == "succeeded", "one message authorizes and captures"


class TestRouting:
    """terminal.md §5.4."""

    CO_BADGED = ("eftpos_au_visa_debit", "eftpos_au_mastercard_debit")

    @pytest.mark.parametrize("card", CO_BADGED)
    @pytest.mark.parametrize(
        ("capture", "options", "network"),
        [
            ("automatic", {}, "eftpos_au"),
            ("manual", {}, "international"),
            ("manual_preferred", {}, "international"),
            ("automatic", {"routing": {"requested_priority": "international"}}, "international"),
            ("automatic", {"routing": {"requested_priority": "domestic"}}, "eftpos_au"),
            ("manual_preferred", {"routing": {"requested_priority": "domestic"}}, "eftpos_au"),
        ],
    )
    def test_australia(self, open_till, card, capture, options, network):
        till = open_till("AU", simulated=False)
        present = dict(options)
        more = {}
        if capture == "manual_preferred":
            present["capture_method"] = "manual_preferred"
        else:
            more["capture_method"] = capture
        intent = till.process(payment_method_options={"card_present": present} if present else {}, **more)
        till.hands.tap(card)
        brand = "visa" if "visa" in card else "mastercard"
        assert details(till, intent).network == (brand if network == "international" else network)
        assert till.status(intent) in ("succeeded", "requires_capture")

    @pytest.mark.parametrize(
        ("country", "card", "model", "network"),
        [
            ("FR", "cartes_bancaires_visa_debit", "bbpos_wisepos_e", "visa"),
            ("FR", "cartes_bancaires_visa_debit", "stripe_s700", "cartes_bancaires"),
            ("DE", "girocard_debit", "stripe_s700", "girocard"),
        ],
    )
    def test_domestic_networks_on_the_readers_that_know_them(self, open_till, country, card, model, network):
        till = open_till(country, simulated=False, model=model)
        intent = till.process(payment_method_options={"card_present": {"routing": {"requested_priority": "domestic"}}})
        till.tap_and_follow(card)
        assert (till.status(intent), details(till, intent).network) == ("succeeded", network)
