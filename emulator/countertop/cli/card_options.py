"""Options of the commands that have a card answer, and the card itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from countertop.cards.chip import ChipImage, VirtualChip

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_SEED = "countertop"


def year_option(function: F) -> F:
    """``--year``: when the card is presented."""
    return click.option(
        "--year", type=click.IntRange(2000, 2099), help="Year in which the card is presented.  [default: this year]"
    )(function)


def behaviour_options(function: F) -> F:
    """``--year``, ``--seed``, ``--fault``, ``--tpdu``."""
    options = (
        click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Source of the card's random numbers."),
        click.option("--fault", "faults", multiple=True, metavar="NAME", help="What is wrong with it; repeatable."),
        click.option("--tpdu", is_flag=True, help="Answer as over T=0: 61xx, then GET RESPONSE."),
    )
    for option in options:
        function = option(function)
    return year_option(function)


def image(profile: str, year: int | None) -> ChipImage:
    """The card of this name as it is this year, or in another.  Raises UnknownCard."""
    from datetime import UTC, datetime

    from countertop.cards.chip import image_of

    return image_of(profile, year or datetime.now(UTC).year)


def chip(profile: str, year: int | None, seed: str, faults: tuple[str, ...], tpdu: bool) -> VirtualChip:
    """A new card.  The same seed gives the same answers to the same commands."""
    from random import Random

    from countertop.cards.chip import VirtualChip

    made = image(profile, year)
    return VirtualChip(made, pin=made.profile.card.pin, random=Random(seed).randbytes, faults=faults, tpdu=tpdu)
