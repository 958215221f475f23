"""The long runs of rubbish, short: by hand each is run with a million messages (``python tests/support/fuzz_*.py N``)."""

from __future__ import annotations

import fuzz_pn532
import fuzz_usb
import pytest


@pytest.mark.parametrize("fuzz", [fuzz_pn532.main, fuzz_usb.main], ids=["pn532", "usb"])
def test_rubbish_ends_in_typed_errors(fuzz, capsys):
    fuzz(3000, 11)
    assert "3000" in capsys.readouterr().out
