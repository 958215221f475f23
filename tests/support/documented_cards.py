"""What the documentation says of test cards and test amounts, country by country (terminal.md §3.1, §3.2, §5)."""

COUNTRIES = ("US", "CA", "GB", "AU", "FR", "DE", "SG")
ONLINE_PIN = {"AU", "FR", "DE"}
"""Countries whose PIN goes to the issuer; in CA, GB and SG it needs the chip (§5.2)."""
DECLINES = {
    "charge_declined": ("card_declined", "generic_decline"),
    "charge_declined_insufficient_funds": ("card_declined", "insufficient_funds"),
    "charge_declined_lost_card": ("card_declined", "lost_card"),
    "charge_declined_stolen_card": ("card_declined", "stolen_card"),
    "charge_declined_expired_card": ("expired_card", "expired_card"),
    "charge_declined_processing_error": ("processing_error", "processing_error"),
}
NOT_TAKEN = {
    "diners": {"AU", "SG"},
    "diners_14digits": {"AU", "SG"},
    "discover": {"AU", "SG"},
    "discover2": {"AU", "SG"},
    "jcb": {"GB", "FR", "DE", "SG"},
    "unionpay": {"GB", "AU", "FR", "DE", "SG"},
    "eftpos_au_debit": set(COUNTRIES) - {"AU"},
    "girocard_debit": set(COUNTRIES),
}
"""Brands that §5.1 does not list for a country; no WisePOS E knows girocard (§5.3)."""
AMOUNTS = {
    1200: None,
    1201: ("card_declined", "call_issuer"),
    1205: ("card_declined", "generic_decline"),
    1255: ("card_declined", "incorrect_pin"),
    1265: ("card_declined", "withdrawal_count_limit_exceeded"),
    1275: ("card_declined", "pin_try_exceeded"),
    1299: None,
}
