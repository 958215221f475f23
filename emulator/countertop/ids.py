"""Object ids in Stripe's layouts, from one seeded source per bench (api-conventions §8.3).

Long ids carry the second of creation and the account; short ids the minute; Terminal ids are all random.  The same
seed gives the same ids in the same order.
"""

from __future__ import annotations

import random

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# Byte -> letter, for making many letters at once.  256 is no multiple of 62, so some letters are a little likelier:
# ids only have to differ, and they are made several times in every call.
LETTERS = bytes(ord(ALPHABET[byte % 62]) for byte in range(256))
EPOCH = 1_342_389_380  # 2012-07-15 21:56:20 UTC, the zero of the time part

# object type -> (prefix, layout); anything not named here gets a long id with a prefix made from its name.
LONG, SHORT, RANDOM = "long", "short", "random"
LAYOUTS: dict[str, tuple[str, str]] = {
    "account": ("acct", RANDOM),
    "apple_pay_domain": ("apwc", LONG),
    "application_fee": ("fee", LONG),
    "apps.secret": ("appsecret", LONG),
    "balance_transaction": ("txn", LONG),
    "bank_account": ("ba", LONG),
    "billing.alert": ("alrt", LONG),
    "billing.credit_balance_transaction": ("cbtxn", LONG),
    "billing.credit_grant": ("credgr", LONG),
    "billing.meter": ("mtr", LONG),
    "billing_portal.configuration": ("bpc", LONG),
    "billing_portal.session": ("bps", LONG),
    "card": ("card", LONG),
    "cash_balance_transaction": ("ccsbtxn", LONG),
    "charge": ("ch", LONG),
    "checkout.session": ("cs_test", LONG),
    "climate.order": ("climorder", LONG),
    "climate.product": ("climsku", LONG),
    "climate.supplier": ("climsup", LONG),
    "confirmation_token": ("ctoken", LONG),
    "coupon": ("", SHORT),
    "credit_note": ("cn", LONG),
    "credit_note_line_item": ("cnli", LONG),
    "customer": ("cus", SHORT),
    "customer_balance_transaction": ("cbtxn", LONG),
    "discount": ("di", LONG),
    "dispute": ("dp", LONG),
    "entitlements.active_entitlement": ("ent_test", LONG),
    "entitlements.feature": ("feat_test", LONG),
    "ephemeral_key": ("ephkey", LONG),
    "event": ("evt", LONG),
    "fee_refund": ("fr", LONG),
    "file": ("file", LONG),
    "file_link": ("link", LONG),
    "financial_connections.account": ("fca", LONG),
    "financial_connections.session": ("fcsess", LONG),
    "financial_connections.transaction": ("fctxn", LONG),
    "forwarding.request": ("fwdreq", LONG),
    "identity.verification_report": ("vr", LONG),
    "identity.verification_session": ("vs", LONG),
    "invoice": ("in", LONG),
    "invoice_payment": ("inpay", LONG),
    "invoiceitem": ("ii", LONG),
    "issuing.authorization": ("iauth", LONG),
    "issuing.card": ("ic", LONG),
    "issuing.cardholder": ("ich", LONG),
    "issuing.dispute": ("idp", LONG),
    "issuing.personalization_design": ("ipcd", SHORT),
    "issuing.physical_bundle": ("ics", SHORT),
    "issuing.settlement": ("ise", LONG),
    "issuing.token": ("intok", LONG),
    "issuing.transaction": ("ipi", LONG),
    "item": ("li", LONG),
    "line_item": ("il", LONG),
    "mandate": ("mandate", LONG),
    "payment_intent": ("pi", LONG),
    "payment_link": ("plink", LONG),
    "payment_method": ("pm", LONG),
    "payment_method_configuration": ("pmc", LONG),
    "payment_method_domain": ("pmd", LONG),
    "payout": ("po", LONG),
    "person": ("person", LONG),
    "plan": ("plan", LONG),
    "price": ("price", LONG),
    "product": ("prod", SHORT),
    "promotion_code": ("promo", LONG),
    "quote": ("qt", LONG),
    "radar.early_fraud_warning": ("issfr", LONG),
    "radar.value_list": ("rsl", LONG),
    "radar.value_list_item": ("rsli", LONG),
    "refund": ("re", LONG),
    "reporting.report_run": ("frr", LONG),
    "review": ("prv", LONG),
    "scheduled_query_run": ("sqr", LONG),
    "setup_attempt": ("setatt", LONG),
    "setup_intent": ("seti", LONG),
    "shipping_rate": ("shr", LONG),
    "source": ("src", LONG),
    "source_transaction": ("srctxn", LONG),
    "subscription": ("sub", LONG),
    "subscription_item": ("si", SHORT),
    "subscription_schedule": ("sub_sched", LONG),
    "tax.calculation": ("taxcalc", LONG),
    "tax.registration": ("taxreg", LONG),
    "tax.transaction": ("tax", LONG),
    "tax_code": ("txcd", LONG),
    "tax_id": ("txi", LONG),
    "tax_rate": ("txr", LONG),
    "terminal.configuration": ("tmc", SHORT),
    "terminal.location": ("tml", RANDOM),
    "terminal.reader": ("tmr", RANDOM),
    "test_helpers.test_clock": ("clock", LONG),
    "token": ("tok", LONG),
    "topup": ("tu", LONG),
    "transfer": ("tr", LONG),
    "transfer_reversal": ("trr", LONG),
    "treasury.credit_reversal": ("credrev", LONG),
    "treasury.debit_reversal": ("debrev", LONG),
    "treasury.financial_account": ("fa", LONG),
    "treasury.inbound_transfer": ("ibt", LONG),
    "treasury.outbound_payment": ("obp", LONG),
    "treasury.outbound_transfer": ("obt", LONG),
    "treasury.received_credit": ("rc", LONG),
    "treasury.received_debit": ("rd", LONG),
    "treasury.transaction": ("trxn", LONG),
    "treasury.transaction_entry": ("trxne", LONG),
    "webhook_endpoint": ("we", LONG),
}


def layout_of(object_type: str) -> tuple[str, str]:
    """The id prefix (without its underscore) and layout of an object type."""
    known = LAYOUTS.get(object_type)
    return known if known is not None else (object_type.rpartition(".")[2].replace("_", "")[:8], LONG)


class IdSource:
    """Seeded ids and other random tokens of one bench.  Not for secrets of the real world."""

    def __init__(self, seed: int | str = 0) -> None:
        self._random = random.Random(f"countertop:{seed}")
        # A source of its own: what chips and terminals draw does not change which ids come next.
        self._unpredictable = random.Random(f"countertop-unpredictable:{seed}")

    def text(self, length: int) -> str:
        """``length`` random base-62 characters."""
        return self._random.randbytes(length).translate(LETTERS).decode("ascii")

    def digits(self, length: int) -> str:
        """``length`` random decimal digits."""
        return "".join(self._random.choices("0123456789", k=length))

    def pick(self, choices: tuple[str, ...]) -> str:
        """One of ``choices``."""
        return self._random.choice(choices)

    def below(self, bound: int) -> int:
        """A whole number from 0 to ``bound - 1``."""
        return self._random.randrange(bound)

    def object_id(self, object_type: str, created: int, account: str) -> str:
        """A new id for an object of ``object_type``, created at ``created`` (Unix seconds) in ``account``."""
        prefix, layout = layout_of(object_type)
        if layout == LONG:
            version = "3" if prefix in ("pi", "ch") else "1"
            return f"{prefix}_{version}{_base62(created - EPOCH, 5)}{account[-10:]}{self.text(8)}"
        if layout == SHORT:
            if not prefix:
                return self.text(8)
            return f"{prefix}_{_base62((created - EPOCH) // 60, 4)}{self.text(10)}"
        return f"{prefix}_{self.text(24)}"

    def unpredictable(self, count: int) -> bytes:
        """``count`` bytes for what a terminal or a chip draws."""
        return self._unpredictable.randbytes(count)

    def request_id(self) -> str:
        """``req_`` and 14 characters, for the Request-Id header."""
        return "req_" + self.text(14)


def account_id(suffix: str, created: int) -> str:
    """The account that the keys ``sk_test_<suffix>`` belong to: the same suffix gives the same account everywhere."""
    source = random.Random(f"countertop-account:{suffix}")
    return f"acct_1{_base62(created - EPOCH, 5)}{''.join(source.choices(ALPHABET, k=10))}"


def _base62(value: int, width: int) -> str:
    value = max(value, 0)
    digits = []
    for _ in range(width):
        value, remainder = divmod(value, 62)
        digits.append(ALPHABET[remainder])
    return "".join(reversed(digits))
