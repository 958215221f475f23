"""Signs of life: computed, in memory, and cheap."""

from __future__ import annotations

import tracemalloc

from countertop.readers.presence import Presence


def test_a_connected_reader_beats_every_thirty_seconds(rig):
    start = rig.clock.now_ms()
    serial = rig.simulated()
    assert rig.fleet.last_seen_ms(serial) == start
    rig.clock.advance(29_999)
    assert rig.fleet.last_seen_ms(serial) == start
    rig.clock.advance(1)
    assert rig.fleet.last_seen_ms(serial) == start + 30_000
    rig.clock.advance(30 * 86_400_000)
    assert rig.clock.now_ms() - rig.fleet.last_seen_ms(serial) < 30_000


def test_an_unplugged_reader_was_last_seen_before(rig):
    start = rig.clock.now_ms()
    serial = rig.simulated()
    rig.clock.advance(45_000)
    rig.fault(serial, "offline")
    rig.clock.advance(500_000)
    assert rig.fleet.last_seen_ms(serial) == start + 30_000
    rig.restart()
    assert rig.fleet.last_seen_ms(serial) == start + 30_000
    rig.fault(serial, "offline", on=False)
    assert rig.fleet.last_seen_ms(serial) == rig.clock.now_ms()


def test_a_booting_reader_has_given_no_sign_yet(rig):
    serial = rig.unbox(at_once=False)
    assert rig.fleet.last_seen_ms(serial) is None
    rig.advance(3000)
    assert rig.fleet.last_seen_ms(serial) == rig.clock.now_ms()


def test_a_transaction_that_fails_leaves_the_presence_alone(rig):
    serial = rig.simulated()
    rig.fleet.set_fault(rig.lost_tx(), serial, "offline")
    rig.clock.advance(60_000)
    assert rig.fleet.last_seen_ms(serial) == rig.clock.now_ms()
    assert rig.refusal(serial) is None


def test_nothing_is_written_and_nothing_is_scheduled_for_an_idle_reader(rig):
    serial = rig.simulated()
    rig.advance(10_000)
    before = dict(rig.table)
    rig.advance(3_600_000)
    assert rig.table == before
    assert rig.timers.next_due_ms() is None
    assert rig.fleet.last_seen_ms(serial) is not None


def test_ten_thousand_beating_readers_are_small():
    serials = [f"WSC5{n:011d}" for n in range(10_000)]
    tracemalloc.start()
    presence = Presence()
    for serial in serials:
        presence.start(serial, 0, 30_000)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 10_000 * 300
    assert presence.last_seen_ms(serials[-1], 61_000) == 60_000
