"""The published simulated cards (terminal.md §3.1): every row, as data.

Countries follow the number where it says one (702 Singapore, 036 Australia, 826 United Kingdom, 276
Germany, 250 France); the others are the brand's home or, failing that, US.  ``visa_us_common_debit`` exists
in SDKs only and has no number of its own: it is the Visa debit card seen through its US common debit
application.
"""

from __future__ import annotations

from countertop.cards.card import SimulatedCard as Card

TEST_CARDS: tuple[Card, ...] = (
    Card("4242424242424242", "visa", "visa", "credit", "US"),
    Card("4000056655665556", "visa_debit", "visa", "debit", "US"),
    Card("4000056655665556", "visa_us_common_debit", "visa", "debit", "US"),
    Card("5555555555554444", "mastercard", "mastercard", "credit", "US"),
    Card("5200828282828210", "mastercard_debit", "mastercard", "debit", "US"),
    Card("5105105105105100", "mastercard_prepaid", "mastercard", "prepaid", "US"),
    Card("378282246310005", "amex", "amex", "credit", "US"),
    Card("371449635398431", "amex2", "amex", "credit", "US"),
    Card("6011111111111117", "discover", "discover", "credit", "US"),
    Card("6011000990139424", "discover2", "discover", "credit", "US"),
    Card("3056930009020004", "diners", "diners", "credit", "US"),
    Card("36227206271667", "diners_14digits", "diners", "credit", "US"),
    Card("3566002020360505", "jcb", "jcb", "credit", "JP"),
    Card("6200000000000005", "unionpay", "unionpay", "credit", "CN"),
    Card("4506445006931933", "interac", "interac", "debit", "CA"),
    Card("6280000360000978", "eftpos_au_debit", "eftpos_au", "debit", "AU"),
    Card("4000050360000001", "eftpos_au_visa_debit", "visa", "debit", "AU", networks=("eftpos_au", "visa")),
    Card(
        "5555050360000080", "eftpos_au_mastercard_debit", "mastercard", "debit", "AU",
        networks=("eftpos_au", "mastercard"),
    ),
    Card(
        "4000002500001001", "cartes_bancaires_visa_debit", "visa", "debit", "FR",
        networks=("cartes_bancaires", "visa"),
    ),
    Card(
        "5555552500001001", "cartes_bancaires_mastercard_debit", "mastercard", "debit", "FR",
        networks=("cartes_bancaires", "mastercard"),
    ),
    # The API's brand list has no girocard.
    Card("4711009900000316877", "girocard_debit", "unknown", "debit", "DE", networks=("girocard",)),
    Card("4001007020000002", "offline_pin_cvm", "visa", "credit", "SG", "approve", "offline_pin"),
    Card("4000008260000075", "offline_pin_sca_retry", "visa", "credit", "GB", "soft_decline", "offline_pin"),
    Card("4001000360000005", "online_pin_cvm", "visa", "credit", "AU", "approve", "online_pin"),
    Card("4000002760000008", "online_pin_sca_retry", "visa", "credit", "DE", "soft_decline", "online_pin"),
    Card("4000000000000002", "charge_declined", "visa", "credit", "US", "generic_decline"),
    Card(
        "4000000000009995", "charge_declined_insufficient_funds", "visa", "credit", "US",
        "insufficient_funds",
    ),
    Card("4000000000009987", "charge_declined_lost_card", "visa", "credit", "US", "lost_card"),
    Card("4000000000009979", "charge_declined_stolen_card", "visa", "credit", "US", "stolen_card"),
    Card("4000000000000069", "charge_declined_expired_card", "visa", "credit", "US", "expired_card"),
    Card("4000000000000119", "charge_declined_processing_error", "visa", "credit", "US", "processing_error"),
    Card("4000000000005126", "refund_fail", "visa", "credit", "US", "refund_fail"),
)  # fmt: skip
