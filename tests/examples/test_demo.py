"""``countertop demo``: a day at three shops, told."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_story():
    done = subprocess.run(
        [sys.executable, "-m", "countertop", "demo"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    expected = [
        r"Countertop is listening at http://127\.0\.0\.1:\d+",
        r"bbpos_wisepos_e WSC5\S+ registered by '[a-z]+-[a-z]+-[a-z]+' as tmr_",
        r"simulated_wisepos_e simulated-wpe-\S+ registered by 'simulated-wpe' as tmr_",
        r"\$12\.50",
        r"the customer inserts: visa",
        r"reader action succeeded",
        r"the intent is requires_capture: \$12\.50",
        r"captured: \$12\.50, the intent is succeeded",
        r"VISA •••• 4242 +contact_emv",
        r"AID A0000000031010",
        r"TVR 0000008000 +TSI E800",
        r"commands to a chip",
        r"issuer: cryptogram: ok",
        r"£19\.99",
        r"reader action failed: card_declined",
        r"the intent is requires_payment_method: £19\.99",
        r"refund re_\S+: \$12\.50 succeeded",
        r"the customer holds a locked phone to the reader",
        r"See phone",
        r"wallet apple_pay, device number •••• \d{4}",
        r"see_phone",
        r"CVM: done by the device",
        r"the customer taps: offline_pin_sca_retry",
        r"PIN required - insert the card",
        r"charge ch_\S+: contactless_emv, failed: offline_pin_required",
        r"charge ch_\S+: contact_emv, succeeded",
        r"= declined \(The issuer declined\.\)",
        r"= approved",
        r"Chip not read - swipe the card",
        r"read method magnetic_stripe_fallback",
        r"fallback: allowed",
        r"issuer: CVV: ok",
        r"20% \$8\.00",
        r"the intent is succeeded: \$48\.00",
        r"the customer inserts: interac",
        r"refund re_\S+: CA\$10\.00 succeeded",
        r"Please sign",
        r"the signature is file_\S+",
        r"the bank approved, the reader never heard of it",
        r"reader action failed: connection_error",
        r"so the intent is asked, not the reader: succeeded",
        r"✓ charge\.refunded",
    ]
    position = 0
    for pattern in expected:
        found = re.compile(pattern).search(done.stdout, position)
        assert found is not None, f"{pattern} is not told, or not in its place:\n{done.stdout}"
        position = found.end()
    for event in ("payment_intent.succeeded", "charge.failed", "terminal.reader.action_failed", "refund.created"):
        assert re.search(rf"✓ {event}\s", done.stdout)
    assert "✗" not in done.stdout, "every signature holds"
