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


def test_ten_thousand_idle_readers_are_small_and_do_nothing(make_rig):
    rig = make_rig()
    rig.simulated()  # the models are read once
    tracemalloc.start()
    with rig.tx() as tx:
        for _ in range(10_000):
            rig.fleet.make_simulated(tx, "simulated-wpe", "US")
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 10_000 * 20 * 1024
    assert rig.timers.next_due_ms() is None


def test_an_idle_real_reader_has_one_timer(rig):
    waiting: dict[str, int] = {}
    set_timer, cancel = rig.timers.volatile, rig.timers.cancel
    rig.timers.volatile = lambda due, key, callback: waiting.update({key: due}) or set_timer(due, key, callback)
    rig.timers.cancel = lambda key: waiting.pop(key, None) and cancel(key)
    for _ in range(20):
        rig.registered()
    assert len(waiting) == 20
    assert min(waiting.values()) > rig.clock.now_ms() + 60_000
