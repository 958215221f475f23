"""The example in Python, with the newest SDK and with an older major of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

OLDER = "11.6.0"


def said(script, url, **environment):
    """The lines that the script prints."""
    done = subprocess.run(
        [sys.executable, str(script), url], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line]


def test_sale_in_under_40_lines_with_the_sdk_as_it_is(url, examples, story):
    script = examples / "sale.py"
    assert len(script.read_text().splitlines()) < 40
    assert said(script, url) == story


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_sale_with_an_older_major_of_the_sdk(url, examples, story, tmp_path):
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    made = subprocess.run(
        [*install, "--target", str(tmp_path), f"stripe=={OLDER}"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    # -I and PYTHONPATH exclude each other, so the older SDK is put in front of the newer one by its path.
    version = subprocess.run(
        [sys.executable, "-c", "import stripe; print(stripe.VERSION)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert version.stdout.strip() == OLDER
    assert said(examples / "sale.py", url, PYTHONPATH=str(tmp_path)) == story


def test_the_closed_loop_of_an_issued_card(examples):
    script = examples / "closed_loop.py"
    assert len(script.read_text().splitlines()) <= 80
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert sum(line.startswith("webhook: issuing_authorization.request") for line in lines) == 2
    paid = "PaymentIntent succeeded; authorization closed, webhook_approved"
    assert [line for line in lines if line.startswith("PaymentIntent")] == [
        f"{paid}, chip",
        f"{paid}, contactless",
        "PaymentIntent requires_payment_method; authorization closed, spending_controls, contactless",
    ]
    assert lines[-1] == "ledger: merchant received 3250, cards paid 3250, 6750 of 10000 left: agrees"
