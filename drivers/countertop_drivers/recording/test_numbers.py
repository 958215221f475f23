"""Card numbers that were made up for tests: the only ones that a recording keeps whole.

They are the published numbers of the simulated cards (terminal.md §3.1), and the range of test mode's issued cards:
``400000999``, a counter of six digits, the check digit (issuing.md §3.8).  Numbers of phones are not among them: they
lie in ranges that real cards have too.
"""

from __future__ import annotations

from countertop_drivers.recording.digits import luhn

NUMBERS = frozenset(
    (
        "3056930009020004 3566002020360505 36227206271667 371449635398431 378282246310005 4000000000000002"
        " 4000000000000069 4000000000000119 4000000000005126 4000000000009979 4000000000009987 4000000000009995"
        " 4000002500001001 4000002760000008 4000008260000075 4000050360000001 4000056655665556 4001000360000005"
        " 4001007020000002 4242424242424242 4506445006931933 4711009900000316877 5105105105105100 5200828282828210"
        " 5555050360000080 5555552500001001 5555555555554444 6011000990139424 6011111111111117 6200000000000005"
        " 6280000360000978"
    ).split()
)
ISSUED = "400000999"
LENGTH_OF_ISSUED = 16


def is_test_number(pan: str) -> bool:
    """Whether a number was made up, so that it is nobody's secret."""
    return pan in NUMBERS or (pan.startswith(ISSUED) and len(pan) == LENGTH_OF_ISSUED and luhn(pan))
