"""The clock of a world: glances at it cost it nothing, and it never goes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.clock import Clock


class Wall:
    """A wall clock that a test moves, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_many_glances_within_a_millisecond_do_not_stop_it():
    """What a loop does that waits for an instant less than a millisecond away."""
    wall = Wall()
    clock = Clock(0, speed=2.0, wall=wall)
    for _ in range(10_000):
        wall.now += 0.000_1
        clock.advance_to(clock.now_ms())
    assert clock.now_ms() in (1999, 2000)


@given(st.lists(st.tuples(st.sampled_from(["wait", "advance", "to", "speed"]), st.floats(0, 50)), max_size=40))
def test_it_never_goes_back(steps):
    wall = Wall()
    clock = Clock(0, speed=1.0, wall=wall)
    for what, amount in steps:
        before = clock.now_ms()
        match what:
            case "wait":
                wall.now += amount
            case "advance":
                clock.advance(int(amount))
            case "to":
                clock.advance_to(int(amount) * 1000)
            case _:
                clock.set_speed(amount)
        assert clock.now_ms() >= before


def test_an_instant_ahead_is_jumped_to_exactly():
    clock = Clock(0, speed=1.0, wall=Wall())
    clock.advance_to(12_345)
    assert clock.now_ms() == 12_345


@pytest.mark.parametrize("change", [lambda clock: clock.advance(-1), lambda clock: clock.set_speed(-0.5)])
def test_no_going_back_by_hand(change):
    with pytest.raises(ValueError, match="back"):
        change(Clock())
