"""Every smart reader in every country where it is sold: registered by simulator code and by pairing code."""

from __future__ import annotations

import pytest
import stripe

import countertop_firmware
from countertop.accounts import shop_address
from countertop.readers.models import shelf

SMART = [name for name in countertop_firmware.model_names() if shelf().model(name).kind == "smart"]


def place(client, country):
    address = shop_address(country)
    asked = {"display_name": "x", ("address_kanji" if country == "JP" else "address"): address}
    return client.v1.terminal.locations.create(asked).id


@pytest.mark.parametrize("name", SMART)
def test_it_registers_as_the_variant_of_its_location(bench, name):
    client = bench.client()
    model = shelf().model(name)
    for sku in shelf().variants(name):
        for country in sku.countries:
            location = place(client, country)
            serial = bench.transact(lambda tx, country=country: bench.devices.unbox(tx, name, country, at_once=True))
            device = bench.transact(lambda tx, serial=serial: bench.devices.state(tx, serial))
            real = client.v1.terminal.readers.create({"registration_code": device.code, "location": location})
            assert (real.device_type, real.status) == (name, "online")
            assert real.device_sw_version == sku.model.app_version
            if model.simulated is None:
                continue
            code = model.simulated.registration_code
            made = client.v1.terminal.readers.create({"registration_code": code, "location": location})
            assert (made.device_type, made.status, made.ip_address) == (
                model.simulated.device_type,
                "online",
                "0.0.0.0",
            )
            assert made.serial_number.startswith(code + "-")
            held = bench.transact(lambda tx, serial=made.serial_number: bench.devices.state(tx, serial))
            assert held.sku == sku.name


@pytest.mark.parametrize(
    "code", ["simulated-m2", "simulated-wisepad3", "simulated-p400", "simulated-", "simulated-wpe2"]
)
def test_no_other_simulator_code_is_known(bench, code):
    client = bench.client()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.terminal.readers.create({"registration_code": code, "location": place(client, "US")})
    assert (refused.value.code, refused.value.param) == ("resource_missing", "registration_code")


def test_a_mobile_reader_shows_no_pairing_code(bench):
    for name in ("stripe_m2", "bbpos_chipper2x"):
        serial = bench.unbox("US", name)
        bench.advance(minutes=2)
        assert bench.transact(lambda tx, serial=serial: bench.devices.state(tx, serial)).code is None
