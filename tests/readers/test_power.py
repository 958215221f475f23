"""Battery, restarts at night, software."""

from __future__ import annotations

import pytest

from countertop.errors import ReaderError
from countertop.gateway import ActionEnded, AuthorizationRequest

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def battery(rig, serial):
    return rig.fleet.battery(rig.lost_tx(), serial)


def software(rig, serial) -> str:
    return rig.fleet.describe(rig.lost_tx(), serial).software


def boots(rig, serial, days: int) -> list[int]:
    """When the device was up again after each restart of so many days."""
    seen = [rig.state(serial).booted_ms]
    for _ in range(days * 48):
        rig.advance(HOUR_MS // 2)
        # Whatever happens to it in between must not make it forget.
        rig.fault(serial, "slow")
        rig.fault(serial, "slow", on=False)
        if rig.state(serial).booted_ms != seen[-1]:
            seen.append(rig.state(serial).booted_ms)
    return seen[1:]


# --- battery ------------------------------------------------------------------------------------------------------


def test_a_docked_reader_is_full(rig):
    serial = rig.simulated()
    rig.advance(10 * DAY_MS)
    assert (battery(rig, serial).percent, battery(rig, serial).status, battery(rig, serial).charging) == (
        100,
        "nominal",
        True,
    )
    assert rig.screen(serial).battery is None


@pytest.mark.parametrize(
    ("hours", "percent", "status"),
    [
        (4, 50, "nominal"),
        (6.3, 22, "nominal"),
        (6.4, 20, "low"),
        (7.5, 7, "low"),
        (7.6, 5, "critical"),
        (7.99, 1, "critical"),
    ],
)
def test_eight_hours_off_the_dock_empty_it(rig, hours, percent, status):
    serial = rig.simulated()
    rig.do(serial, "unplug")
    rig.advance(int(hours * HOUR_MS))
    assert (battery(rig, serial).percent, battery(rig, serial).status) == (percent, status)
    assert rig.screen(serial).battery == (percent if percent <= 20 else None)
    assert (f"Battery {percent} %" in rig.screen(serial).text) == (percent <= 20)


def test_an_empty_reader_is_off_until_it_is_plugged_in(rig):
    serial = rig.registered()
    rig.do(serial, "unplug")
    action = rig.start(serial, timeout_ms=DAY_MS)
    rig.advance(8 * HOUR_MS - 1)
    assert rig.phase(serial) == "waiting"
    rig.advance(2)
    assert rig.phase(serial) == "off"
    assert rig.refusal(serial) == "terminal_reader_offline"
    assert rig.screen(serial).prompt == "off"
    with pytest.raises(ReaderError, match="is off"):
        rig.present(serial, "tap")
    rig.cancel(serial, action)
    rig.advance(DAY_MS)
    assert rig.fleet.last_seen_ms(serial) < rig.clock.now_ms() - DAY_MS
    rig.do(serial, "plug")
    rig.advance(3_000)
    assert rig.phase(serial) == "idle"
    assert (battery(rig, serial).percent, rig.refusal(serial)) == (1, None)
    rig.advance(3 * HOUR_MS)
    assert battery(rig, serial).percent == 100
    assert rig.ended() == []


def test_an_empty_reader_stays_off_over_a_restart_of_the_world(rig):
    serial = rig.simulated()
    rig.do(serial, "unplug")
    rig.advance(9 * HOUR_MS)
    rig.restart()
    assert rig.phase(serial) == "off"
    assert rig.refusal(serial) == "terminal_reader_offline"


def test_a_battery_goes_on_draining_over_a_restart(rig):
    serial = rig.simulated()
    rig.do(serial, "unplug")
    rig.advance(4 * HOUR_MS)
    rig.timers.reload(_NoRows())
    rig.restart()
    assert battery(rig, serial).percent == 50
    rig.advance(4 * HOUR_MS + 1)
    assert rig.phase(serial) == "off"


def test_charging_on_the_way(rig):
    serial = rig.simulated()
    rig.do(serial, "unplug")
    rig.advance(4 * HOUR_MS)
    rig.do(serial, "plug")
    rig.advance(HOUR_MS)
    assert battery(rig, serial).percent == 84
    with pytest.raises(ReaderError, match="plugged in already"):
        rig.do(serial, "plug")
    rig.do(serial, "unplug")
    with pytest.raises(ReaderError, match="unplugged already"):
        rig.do(serial, "unplug")


def test_a_reader_without_a_battery_goes_off_with_its_cable(rig):
    serial = rig.registered(model="verifone_ux700")
    assert battery(rig, serial) is None
    rig.do(serial, "unplug")
    assert rig.phase(serial) == "off"
    rig.restart()
    assert rig.phase(serial) == "off"
    rig.do(serial, "plug")
    rig.advance(3_000)
    assert rig.phase(serial) == "idle"
    with pytest.raises(ReaderError, match="no battery"):
        rig.fault(serial, "battery_low")


# --- restarts -----------------------------------------------------------------------------------------------------


def in_hour(instant_ms: int, offset_minutes: int) -> int:
    return (instant_ms + offset_minutes * 60_000) % DAY_MS // HOUR_MS


@pytest.mark.parametrize(("country", "offset"), [("US", -300), ("GB", 0), ("AU", 600)])
def test_it_restarts_once_a_night_in_the_hour_after_midnight(rig, country, offset):
    serial = rig.registered(country)
    restarts = boots(rig, serial, 3)
    assert len(restarts) == 3
    assert {in_hour(at_ms - 3_000, offset) for at_ms in restarts} == {0}
    assert len({at_ms % HOUR_MS // 60_000 for at_ms in restarts}) > 1, "the minute is as good as random"
    assert rig.phase(serial) == "idle"


@pytest.mark.parametrize(("window", "hours"), [((4, 6), {4, 5}), ((22, 2), {22, 23, 0, 1}), ((5, 5), set(range(24)))])
def test_it_restarts_within_its_window(rig, window, hours):
    serial = rig.registered()
    rig.do(serial, "set_reboot_window", *window, utc_offset_minutes=90)
    restarts = boots(rig, serial, 10)
    assert len(restarts) in (10, 11)
    assert {in_hour(at_ms - 3_000, 90) for at_ms in restarts} <= hours


@pytest.mark.parametrize("window", [(-1, 3), (24, 3), (3, 25)])
def test_a_window_that_a_day_does_not_have(rig, window):
    serial = rig.registered()
    with pytest.raises(ReaderError, match="no window"):
        rig.do(serial, "set_reboot_window", *window)


def test_a_sale_is_not_restarted_away(rig):
    serial = rig.registered()
    action = rig.start(serial, timeout_ms=3 * DAY_MS)
    rig.advance(2 * DAY_MS)
    assert rig.phase(serial) == "waiting"
    rig.present(serial, "tap", at_once=True)
    assert rig.ended() == [ActionEnded(action, True)]
    rig.advance(3_000)
    assert rig.phase(serial) == "booting"
    rig.advance(3_000)
    assert rig.phase(serial) == "idle"


def test_a_restart_drops_the_session_of_a_pos(rig):
    serial = rig.registered()
    with rig.tx() as tx, rig.fleet.turn(tx, serial) as turn:
        turn.change(pos="session_1")
    rig.advance(1)
    assert rig.state(serial).pos == "session_1"
    rig.advance(DAY_MS)
    assert rig.state(serial).pos is None


def test_simulated_and_unregistered_readers_do_not_restart(rig):
    simulated, boxed = rig.simulated(), rig.unbox()
    with rig.tx() as tx, rig.fleet.turn(tx, simulated) as turn:
        turn.change(pos="session_1")
    rig.advance(2 * DAY_MS)
    assert rig.state(simulated).pos == "session_1"
    assert len(rig.codes()) == 49
    assert rig.phase(boxed) == "pairing"


@pytest.mark.parametrize("model", ["stripe_m2", "bbpos_wisepad3"])
def test_mobile_readers_restart_after_a_day_of_uptime(rig, model):
    country = "US" if model == "stripe_m2" else "GB"
    serial = rig.registered(country, model=model)
    up_ms = rig.state(serial).booted_ms
    rig.advance(DAY_MS - 1)
    assert rig.phase(serial) == "idle"
    rig.advance(1)
    assert rig.phase(serial) == "booting"
    rig.advance(DAY_MS)
    assert rig.state(serial).booted_ms == up_ms + DAY_MS + 3_000


def test_a_mobile_reader_has_no_pairing_code(rig):
    serial = rig.unbox(model="stripe_m2")
    assert rig.phase(serial) == "idle"
    assert rig.codes() == []
    with pytest.raises(ReaderError, match="mobile reader has no pairing code"):
        rig.press(serial, "pairing_code")


# --- software -----------------------------------------------------------------------------------------------------


def test_new_software_takes_its_time_and_a_restart(rig):
    serial = rig.registered()
    before = software(rig, serial)
    rig.do(serial, "install", "2.43.0.0")
    assert rig.phase(serial) == "updating"
    assert "Installing 2.43.0.0" in rig.screen(serial).text
    assert rig.refusal(serial) == "terminal_reader_busy"
    assert software(rig, serial) == before
    rig.advance(180_000)
    assert rig.phase(serial) == "booting"
    rig.advance(3_000)
    assert (rig.phase(serial), software(rig, serial)) == ("idle", "2.43.0.0")
    rig.restart()
    assert software(rig, serial) == "2.43.0.0"


def test_a_power_cut_in_the_middle_leaves_the_old_software(rig):
    serial = rig.registered()
    before = software(rig, serial)
    rig.do(serial, "install", "2.43.0.0")
    rig.restart()
    rig.advance(3_000)
    assert (rig.phase(serial), software(rig, serial)) == ("idle", before)


def test_when_nothing_is_installed(rig):
    serial = rig.registered()
    for version in ("", "two words", "x" * 41):
        with pytest.raises(ReaderError, match="no version"):
            rig.do(serial, "install", version)
    rig.start(serial)
    with pytest.raises(ReaderError, match="is waiting"):
        rig.do(serial, "install", "2.43.0.0")
    rig.advance(HOUR_MS)
    rig.fault(serial, "offline")
    with pytest.raises(ReaderError, match="no network"):
        rig.do(serial, "install", "2.43.0.0")
    rig.fault(serial, "offline", on=False)
    rig.do(serial, "unplug")
    rig.advance(4 * HOUR_MS)
    with pytest.raises(ReaderError, match="battery is at 50 %"):
        rig.do(serial, "install", "2.43.0.0")


def test_a_low_battery_still_sells(rig):
    serial = rig.simulated()
    rig.fault(serial, "battery_low")
    assert (battery(rig, serial).percent, battery(rig, serial).status) == (4, "critical")
    assert "Battery 4 %" in rig.screen(serial).text
    with pytest.raises(ReaderError, match="battery is at 4 %"):
        rig.do(serial, "install", "2.43.0.0")
    rig.start(serial)
    rig.present(serial, "tap", at_once=True)
    assert len(rig.said(AuthorizationRequest)) == 1
    assert rig.ended()[0].succeeded
    rig.fault(serial, "battery_low", on=False)
    assert battery(rig, serial).percent == 100


class _NoRows:
    def each(self, account, kind):
        return iter(())
