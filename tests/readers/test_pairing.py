"""Boot, registration codes, registration, restart."""

from __future__ import annotations

import pytest

from countertop.errors import ConfigurationError, ReaderError
from countertop.gateway import PairingCodeShown, Registered, Unregistered
from countertop.readers.words import WORDS

HOUR_MS = 3_600_000


def test_out_of_the_box_it_boots_and_shows_a_code(rig):
    serial = rig.unbox(at_once=False)
    assert rig.phase(serial) == "booting"
    assert rig.refusal(serial) == "terminal_reader_offline"
    rig.advance(3000)
    assert rig.phase(serial) == "pairing"
    shown = rig.codes()
    assert len(shown) == 1
    words = shown[0].code.split("-")
    assert len(words) == 3
    assert set(words) <= set(WORDS)
    assert shown[0].code in rig.screen(serial).text
    assert shown[0].expires_ms == rig.clock.now_ms() + HOUR_MS


def test_an_expired_code_is_followed_by_another(rig):
    serial = rig.unbox()
    rig.advance(HOUR_MS)
    first, second = rig.codes()
    assert first.code != second.code
    assert rig.state(serial).code == second.code


def test_registration_ends_the_pairing(rig):
    serial = rig.registered()
    assert rig.phase(serial) == "idle"
    assert rig.screen(serial).title == "Corner Shop"
    assert rig.state(serial).code is None
    rig.advance(2 * HOUR_MS)
    assert len(rig.codes()) == 1


def test_a_deleted_reader_goes_back_to_pairing(rig):
    serial = rig.registered()
    rig.start(serial)
    rig.send(serial, Unregistered())
    assert rig.phase(serial) == "pairing"
    assert rig.state(serial).reader is None
    assert len(rig.codes()) == 2


def test_a_deleted_simulator_is_gone(rig):
    serial = rig.simulated()
    rig.send(serial, Unregistered())
    with pytest.raises(ReaderError, match="no reader with the serial"):
        rig.state(serial)
    assert rig.fleet.last_seen_ms(serial) is None
    rig.send(serial, Registered("tmr_2", "Late"))
    assert rig.items[-1].data["state"] == "gone"


def test_a_registered_reader_can_show_a_new_code(rig):
    serial = rig.registered()
    rig.press(serial, "pairing_code")
    assert rig.phase(serial) == "pairing"
    assert rig.refusal(serial) == "terminal_reader_busy"
    rig.press(serial, "cancel")
    assert rig.phase(serial) == "idle"
    rig.press(serial, "pairing_code")
    rig.send(serial, Registered("tmr_moved", "Other Shop"))
    assert rig.screen(serial).title == "Other Shop"


def test_a_simulator_has_no_code(rig):
    serial = rig.simulated()
    with pytest.raises(ReaderError, match="no pairing code"):
        rig.press(serial, "pairing_code")


def test_the_words_are_many_and_plain():
    assert len(set(WORDS)) == len(WORDS) >= 256
    assert all(word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 9 for word in WORDS)


def test_serials_have_the_documented_shapes(rig):
    simulated, real = rig.simulated(), rig.unbox()
    assert [len(part) for part in simulated.removeprefix("simulated-wpe-").split("-")] == [3, 3, 2, 3]
    assert real.startswith("WSC5")
    assert len(real) == 15
    assert real[4:].isdigit()


def test_what_a_device_says_of_itself(rig):
    simulated, real = rig.simulated("GB"), rig.unbox("GB")
    with rig.tx() as tx:
        info = rig.fleet.describe(tx, simulated)
        assert (info.device_type, info.software, info.ip_address, info.simulated) == (
            "simulated_wisepos_e", "2.42.0.0", "0.0.0.0", True,
        )  # fmt: skip
        info = rig.fleet.describe(tx, real)
        assert (info.device_type, info.simulated) == ("bbpos_wisepos_e", False)
        assert info.ip_address.startswith("192.168.1.")
        assert rig.fleet.describe(tx, "nothing") is None


def test_every_use_of_a_simulator_code_makes_a_new_reader(rig):
    assert rig.simulated() != rig.simulated()
    with rig.tx() as tx:
        assert rig.fleet.make_simulated(tx, "simulated-wpe", "JP") is not None
        assert rig.fleet.make_simulated(tx, "puppies-plug-could", "US") is None
        assert rig.fleet.make_simulated(tx, "simulated-nothing", "US") is None
        assert len(rig.fleet.serials(tx)) == 3


def test_a_device_that_is_not_sold_somewhere(rig):
    with rig.tx() as tx, pytest.raises(ConfigurationError, match="not sold in 'JP'"):
        rig.fleet.unbox(tx, "bbpos_wisepos_e", "JP")
    with rig.tx() as tx, pytest.raises(ConfigurationError, match="no reader model 'abacus'"):
        rig.fleet.unbox(tx, "abacus", "US")


def test_after_a_power_cut_pairing_is_kept_and_the_sale_forgotten(rig):
    simulated, real = rig.simulated(), rig.registered()
    for serial in (simulated, real):
        rig.start(serial)
        rig.present(serial, "insert")
    rig.timers.reload(_NoRows())
    rig.restart()
    assert rig.phase(simulated) == "idle"
    assert rig.phase(real) == "booting"
    assert rig.refusal(real) == "terminal_reader_offline"
    rig.advance(3000)
    assert rig.phase(real) == "idle"
    assert rig.screen(real).title == "Corner Shop"
    assert rig.ended() == []


def test_an_unpaired_device_shows_a_new_code_after_a_power_cut(rig):
    serial = rig.unbox()
    rig.restart()
    rig.advance(3000)
    first, second = (shown.code for shown in rig.codes())
    assert first != second == rig.state(serial).code


def test_what_is_sent_to_a_booting_device_is_heard_when_it_is_up(rig):
    serial = rig.registered()
    rig.restart()
    rig.send(serial, Unregistered())
    assert rig.state(serial).reader == "tmr_real"
    rig.advance(3000)
    assert rig.phase(serial) == "pairing"


def test_the_same_seed_gives_the_same_devices(make_rig):
    def story() -> list[object]:
        rig = make_rig()
        return [rig.simulated(), rig.unbox(), *[PairingCodeShown(s.code, s.expires_ms) for s in rig.codes()]]

    assert story() == story()


class _NoRows:
    def each(self, account, kind):
        return iter(())
