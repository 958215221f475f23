"""Accounts that issue cards."""

from __future__ import annotations

from typing import Any

import pytest
from issuing_desk import Desk

from countertop.bench import Bench


@pytest.fixture
def desk(bench: Bench) -> Desk:
    """A funded account in the US that issues cards, and merchants that are paid with them."""
    return Desk(bench)


@pytest.fixture
def open_desk(bench: Bench) -> Any:
    """Another one: ``open_desk("GB", funds=0)``."""
    return lambda country, **options: Desk(bench, country, **options)
