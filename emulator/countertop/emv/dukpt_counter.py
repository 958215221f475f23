"""Counting uses under DUKPT: a counter has few ones, so that a key is never far from one that the device holds."""

from __future__ import annotations


class DukptError(ValueError):
    """A key serial number that names no key, or a device that has used all of its keys."""


def following(counter: int, most_ones: int, last: int) -> int:
    """The counter of the next use; those with more ones are passed over.  Raises DukptError after the last."""
    after = counter + 1
    while after.bit_count() > most_ones:
        after += after & -after
    if not 0 < after <= last:
        raise DukptError("the device has used all its keys")
    return after
