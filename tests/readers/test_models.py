"""Model files: what they say, what is said about wrong ones, and files of other packages."""

from __future__ import annotations

import pytest

import countertop_firmware
from countertop import plugins
from countertop.errors import ConfigurationError
from countertop.plugins import PluginWarning
from countertop.readers.models import Shelf, shelf

MODEL = countertop_firmware.data_folder().joinpath("models/bbpos_wisepos_e.toml").read_text(encoding="utf-8")
SKU = countertop_firmware.data_folder().joinpath("skus/bbpos_wisepos_e_us.toml").read_text(encoding="utf-8")
MOBILE = (
    (countertop_firmware.data_folder() / "models/stripe_m2.toml")
    .read_text(encoding="utf-8")
    .replace('name = "stripe_m2"', 'name = "bbpos_wisepos_e"')
)


def folder(tmp_path, model: str = MODEL, sku: str = SKU):
    for kind, text in (("models/bbpos_wisepos_e", model), ("skus/bbpos_wisepos_e_us", sku)):
        path = tmp_path / f"{kind}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def complaint(tmp_path, **texts: str) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        Shelf().add_folder(folder(tmp_path, **texts))
    return refusal.value.message


def test_the_wisepos_e_of_two_countries():
    us, gb = shelf().variant("bbpos_wisepos_e", "US"), shelf().variant("bbpos_wisepos_e", "GB")
    assert (us.config, us.pin) == ("szzz_us_v19", "none")
    assert (gb.config, gb.pin) == ("szzz_prod_eu_off_v11", "offline")
    assert us.model.screen.width == 720
    assert us.model.app_version == gb.model.app_version == "2.42.0.0"


def test_a_simulator_takes_the_variant_of_its_country():
    assert shelf().simulator("simulated-wpe", "GB").config == "szzz_prod_eu_off_v11"
    assert shelf().simulator("simulated-wpe", "HK").config == "szzz_us_v19"
    assert shelf().simulator("wpe", "US") is None


def test_names_are_spelled_as_the_api_spells_them_and_a_near_miss_is_put_right():
    with pytest.raises(ConfigurationError, match=r"'verifone_p400' \(did you mean verifone_P400\?\)"):
        shelf().variant("verifone_p400", "US")
    with pytest.raises(ConfigurationError, match=r"'wisepos_e' \(did you mean bbpos_wisepos_e\?\)"):
        shelf().model("wisepos_e")
    with pytest.raises(ConfigurationError, match=r"did you mean stripe_s700_jp\?"):
        shelf().sku("stripe_s700_jpn")
    with pytest.raises(ConfigurationError, match=r"'abacus'\."):
        shelf().model("abacus")


def test_a_country_where_a_model_is_not_sold_is_told_with_those_where_it_is():
    with pytest.raises(ConfigurationError) as refusal:
        shelf().variant("stripe_m2", "GB")
    assert (refusal.value.message, refusal.value.hint) == ("The stripe_m2 is not sold in 'GB'.", "It is in: US")


def test_a_variant_may_have_features_of_its_own():
    wisepad = shelf().variant
    assert wisepad("bbpos_wisepad3", "NL").model.features == ["tips"]
    assert wisepad("bbpos_wisepad3", "BE").model.features == []


def test_a_mobile_reader_says_its_whole_version():
    assert shelf().variant("stripe_m2", "US").model.app_version == "2.01.01.00-SZZZ_Prod_US_v12-480001"
    assert shelf().variant("stripe_s700", "US").model.app_version == "2.42.0.0"


def test_the_shelf_lists_devices_and_variants_in_order():
    names = [model.name for model in shelf().models()]
    assert names == sorted(names)
    assert [sku.name for sku in shelf().variants("stripe_t600")] == ["stripe_t600_au", "stripe_t600_us"]
    with pytest.raises(ConfigurationError, match="There is no reader model"):
        shelf().variants("abacus")


def test_a_new_variant_is_one_new_file(tmp_path):
    shelf_of_mine = Shelf()
    shelf_of_mine.add_folder(countertop_firmware.data_folder())
    (tmp_path / "skus").mkdir()
    (tmp_path / "skus" / "wisepos_e_mars.toml").write_text(
        'name = "wisepos_e_mars"\nmodel = "bbpos_wisepos_e"\ncountries = ["MR"]\npin = "online"\n'
        'firmware = "9"\nconfig = "mars_v1"\nrom = "1"\napp_version = "3.0"\n[timing_ms]\nboot = 7\n'
    )
    shelf_of_mine.add_folder(tmp_path)
    sku = shelf_of_mine.variant("bbpos_wisepos_e", "MR")
    assert (sku.config, sku.model.app_version, sku.model.timing_ms.boot) == ("mars_v1", "3.0", 7)
    assert shelf_of_mine.variant("bbpos_wisepos_e", "US").model.timing_ms.boot == 3000


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (MODEL.replace('title = "BBPOS WisePOS E"', ""), "models/bbpos_wisepos_e.toml: title is missing"),
        (MODEL.replace('kind = "smart"', 'kind = "clever"'), "kind: input should be 'smart' or 'mobile'"),
        (MODEL.replace("width = 720", 'width = "wide"'), "screen.width: input should be a valid integer"),
        (MODEL.replace("width = 720", "widht = 720"), "screen.widht is not a key of this file"),
        (
            MODEL + "[timing_ms]\nboot = -1\n",
            "timing_ms.boot: input should be greater than or equal to 0",
        ),
        (MODEL.replace("WSC5###########", "WSC5#"), "serial: needs at least 6 places marked # or ?"),
        (MODEL.replace('name = "bbpos_wisepos_e"', 'name = "other"'), "name: must be the file's name"),
        ("name =", "models/bbpos_wisepos_e.toml is not TOML"),
        (MODEL.replace("width = 720", "widht = 720"), "screen.widht is not a key of this file (did you mean width?)"),
        (MODEL.replace("os =", "osx ="), "osx is not a key of this file (did you mean os?)"),
        (MODEL.replace("width = 720\n", ""), "screen: give width and height together, or neither"),
        (
            MODEL.replace("width = 720\nheight = 1280\ninches = 5.0\n", ""),
            "screen: give width and height, inches, or all three",
        ),
        (MODEL.replace("width = 720", "width = 0"), "screen.width: input should be greater than 0"),
        (MODEL.replace('"tips", "inputs"', '"tipps"'), "features.0: input should be 'tips', 'inputs' or 'print'"),
        (MODEL.replace('"insert", "swipe"', '"dip"'), "input.interfaces.1: input should be 'tap', 'insert' or 'swipe'"),
        (MODEL.replace('["wifi", "ethernet"]', "[]"), "network.links: list should have at least 1 item"),
        (MODEL.replace('["wifi", "ethernet"]', '["usb"]'), "network.links: a smart reader has wifi, ethernet or cell"),
        (MODEL.replace('app_version = "2.42.0.0"', ""), "app_version: a smart reader says which version it runs"),
        (MODEL.replace("hours = 8", "hours = 0"), "battery.hours: input should be greater than 0"),
        (MODEL.replace("_percent = 50", "_percent = 101"), "battery.install_above_percent: input should be less"),
        (MODEL + "[power]\noff_after_idle_minutes = 0\n", "power.off_after_idle_minutes: input should be greater"),
        (MODEL + "[power]\noff_after = 1\n", "power.off_after is not a key of this file"),
        (MODEL.replace('registration_code = "simulated-wpe"', ""), "simulated.registration_code is missing"),
        (MODEL.replace("simulated-wpe-???-???-??-???", "simulated-wpe"), "simulated.serial: needs at least 6 places"),
        (MODEL.replace('name = "bbpos_wisepos_e"', 'name = "../x"'), "name: must be the file's name"),
        (MODEL.replace('"smart" ', '"mobile"'), "simulated: a mobile reader has no simulator code"),
        (
            MOBILE.replace('"usb", "bluetooth"', '"wifi"'),
            "network.links: a mobile reader hangs on a phone by bluetooth",
        ),
        (MOBILE.replace("[input]", 'features = ["print"]\n[input]'), "features: a mobile reader can have tips, but"),
    ],
)
def test_a_wrong_model_file_is_named_with_its_key(tmp_path, model, words):
    assert words in complaint(tmp_path, model=model)


@pytest.mark.parametrize(
    ("sku", "words"),
    [
        (SKU.replace('"US"', '"usa"'), "skus/bbpos_wisepos_e_us.toml: countries.0: string should match"),
        (SKU.replace('pin = "none"', 'pin = "maybe"'), "pin: input should be 'none', 'offline' or 'online'"),
        (SKU.replace('model = "bbpos_wisepos_e"', 'model = "abacus"'), "model: there is no 'abacus'"),
        (SKU + "\n[timing_ms]\nboots = 3\n", "timing_ms.boots is not a key of this file (did you mean boot?)"),
        (SKU.replace('"US"', ""), "countries: list should have at least 1 item"),
        (SKU + 'stage = "soon"\n', "stage: input should be 'ga', 'preview', 'private' or 'legacy'"),
        (SKU + 'features = ["dance"]\n', "features.0: input should be 'tips', 'inputs' or 'print'"),
        (SKU + 'sku = "x"\n', "skus/bbpos_wisepos_e_us.toml: sku is not a key of this file"),
        (SKU.replace("rom = ", "rom = 1 #"), "rom: input should be a valid string"),
    ],
)
def test_a_wrong_variant_file_is_named_with_its_key(tmp_path, sku, words):
    assert words in complaint(tmp_path, sku=sku)


def test_two_variants_of_a_model_share_no_country(tmp_path):
    folder(tmp_path)
    other = SKU.replace('"bbpos_wisepos_e_us"', '"zzz"')
    (tmp_path / "skus" / "zzz.toml").write_text(other)
    with pytest.raises(ConfigurationError, match="US already belongs to bbpos_wisepos_e_us"):
        Shelf().add_folder(tmp_path)


def test_a_wrong_folder_leaves_the_shelf_as_it_was(tmp_path):
    mine = Shelf()
    mine.add_folder(countertop_firmware.data_folder())
    usual = mine.simulator("simulated-wpe", "US")
    with pytest.raises(ConfigurationError):
        mine.add_folder(folder(tmp_path, sku="x"))
    assert mine.simulator("simulated-wpe", "US") is usual


def test_files_of_another_package_are_found_when_asked_for(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "skus").mkdir()
    text = MODEL.replace('name = "bbpos_wisepos_e"', 'name = "acme"').replace("simulated-wpe", "simulated-acme")
    (tmp_path / "models" / "acme.toml").write_text(text)
    (tmp_path / "skus" / "acme_us.toml").write_text(SKU.replace("bbpos_wisepos_e_us", "acme_us").replace(
        'model = "bbpos_wisepos_e"', 'model = "acme"'))  # fmt: skip
    points = {
        "acme": lambda: tmp_path,
        "broken": lambda: 1 // 0,
    }
    monkeypatch.setattr(plugins, "points_of", lambda group: [Point(name, points[name]) for name in points])
    mine = Shelf()
    mine.add_folder(countertop_firmware.data_folder())
    assert mine.simulator("simulated-wpe", "US") is not None
    with pytest.warns(PluginWarning, match="'broken' of countertop.reader_models is left out: ZeroDivisionError"):
        assert mine.simulator("simulated-acme", "US").name == "acme_us"
    assert mine.variant("acme", "US").model.name == "acme"


class Point:
    """An entry point that loads to a given object."""

    def __init__(self, name, target):
        self.name = name
        self._target = target

    def load(self):
        return self._target
