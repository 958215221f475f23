"""Readers as objects: registered by code, listed, changed, deleted; presence is computed, never stored (§1.3, §2.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson

from countertop.api.errors import invalid
from countertop.api.lists import filters_of, list_objects, page_of
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Scope
from countertop.api.shape import complete
from countertop.gateway import DeviceInfo, Gateway, Registered, Unregistered
from countertop.services.changes import merge, merge_metadata
from countertop.services.terminal.pairing import DIRECTORY, claim
from countertop.services.terminal.propagation import FROM_THE_BOX, configured_for
from countertop.services.terminal.running import forget, of_device

if TYPE_CHECKING:
    from countertop.api.render import Finisher

KIND = "terminal.reader"
OFFLINE_AFTER_MS = 120_000
MOBILE = frozenset({"bbpos_chipper2x", "bbpos_wisepad3", "stripe_m2", "mobile_phone_reader"})


def operations(gateway: Gateway) -> Operations:
    """The operations of /v1/terminal/readers, but for the actions."""
    return {
        "POST /v1/terminal/readers": registrar(gateway),
        "GET /v1/terminal/readers": lister(gateway),
        "GET /v1/terminal/readers/{reader}": retrieve,
        "POST /v1/terminal/readers/{reader}": update,
        "DELETE /v1/terminal/readers/{reader}": deleter(gateway),
    }


def registrar(gateway: Gateway) -> Handler:
    """POST /v1/terminal/readers: by a simulator code, or by the words on a device's screen."""

    def register(call: Call) -> Document:
        params = call.params
        if not params.get("location"):
            raise invalid("Missing required param: location.", code="parameter_missing", param="location")
        location = call.fetch("terminal.location", params["location"], param="location")
        code = params["registration_code"].strip()
        country = location["address"]["country"]
        device = gateway.devices.make_simulated(call.tx, code, country)
        if device is None:
            device = _claimed(gateway, call, code)
        default_label = device.serial if device.simulated else code
        return settle(gateway, call, device, location, label=params.get("label") or default_label)

    return register


def settle(gateway: Gateway, call: Call, device: DeviceInfo, location: Document, *, label: str) -> Document:
    """A reader object for a device that belongs to this account from now on; one that it had before is left behind."""
    _leave_action(call, device.serial)
    reader_id = call.new_id(KIND)
    reader = complete(
        KIND,
        {
            "id": reader_id,
            "object": KIND,
            "action": None,
            "device_sw_version": device.software,
            "device_type": device.device_type,
            "ip_address": None if device.mobile else device.ip_address,
            "label": label,
            "last_seen_at": None,
            "livemode": False,
            "location": location["id"],
            "metadata": merge_metadata({}, call.params.get("metadata")),
            "serial_number": device.serial,
            "status": None,
        },
    )
    call.save(reader)
    entry = {"id": device.serial, "account": call.account.id, "reader": reader_id}
    call.tx.put("", DIRECTORY, entry, created=call.now)
    shop = location.get("display_name") or call.account.business_name
    gateway.to_device(call.tx, device.serial, Registered(reader_id, shop))
    wanted = configured_for(call, device.device_type, location["id"])
    if wanted != FROM_THE_BOX:
        gateway.to_device(call.tx, device.serial, wanted)
    return reader


def everywhere(call: Call) -> str | None:
    """No limit to a location."""
    return None


def lister(gateway: Gateway, limited_to: Callable[[Call], str | None] = everywhere) -> Handler:
    """GET /v1/terminal/readers: by location, type, serial and presence.

    ``limited_to``: the location whose smart readers alone the caller may see, or None; mobile ones are not limited.
    """

    def list_readers(call: Call) -> Listing:
        params = call.params
        if "location" in params:
            call.fetch("terminal.location", params["location"], param="location")
        where = filters_of(call, "device_type", "location", "serial_number")
        scope = limited_to(call)
        if "status" not in params and scope is None:
            return list_objects(call, KIND, where=where)
        # Presence is not stored, so this filter looks at each reader that the others leave.
        present = finisher(gateway)

        def wanted(reader: Document) -> bool:
            within = scope is None or reader["location"] == scope or reader["device_type"] in MOBILE
            return within and ("status" not in params or present(call, reader)["status"] == params["status"])

        found = call.tx.each(call.account.id, KIND, where=where)
        return page_of(call, KIND, [(name, body) for name, body in found if wanted(orjson.loads(body))])

    return list_readers


def retrieve(call: Call) -> Document:
    """GET /v1/terminal/readers/{reader}."""
    return call.fetch(KIND, call.path["reader"], param="reader", in_path=True)


def update(call: Call) -> Document:
    """POST /v1/terminal/readers/{reader}: label and metadata; the location cannot change."""
    before = retrieve(call)
    after = merge(before, call.params)
    if after["label"] is None:
        after["label"] = after["serial_number"]
    return call.save(after)


def deleter(gateway: Gateway) -> Handler:
    """DELETE /v1/terminal/readers/{reader}: the stub carries device type and serial number too."""

    def delete(call: Call) -> Document:
        reader = retrieve(call)
        serial = reader["serial_number"]
        stub = call.remove(reader)
        entry = call.tx.get("", DIRECTORY, serial)
        if entry is not None and entry["reader"] == reader["id"]:
            call.tx.delete("", DIRECTORY, serial)
            _leave_action(call, serial)
            gateway.to_device(call.tx, serial, Unregistered())
        return stub | {"device_type": reader["device_type"], "serial_number": serial}

    return delete


def finisher(gateway: Gateway) -> Finisher:
    """Presence: online until two minutes have passed without a sign of life; null for mobile readers (§2.2)."""

    def finish(scope: Scope, reader: Document) -> Document:
        serial = reader["serial_number"]
        entry = scope.tx.get("", DIRECTORY, serial)
        if entry is None or entry["reader"] != reader["id"]:
            # Registered elsewhere since: this object never comes online again.
            return reader | {"status": "offline"}
        seen = gateway.devices.last_seen_ms(serial)
        if reader["device_type"] in MOBILE:
            return reader | {"last_seen_at": seen, "status": None}
        online = seen is not None and scope.clock.now_ms() - seen < OFFLINE_AFTER_MS
        return reader | {"last_seen_at": seen, "status": "online" if online else "offline"}

    return finish


def _claimed(gateway: Gateway, call: Call, code: str) -> DeviceInfo:
    serial = claim(call, code)
    shown = serial is not None and gateway.devices.shows_code(call.tx, serial, code)
    device = gateway.devices.describe(call.tx, serial) if serial is not None and shown else None
    if device is None:
        raise invalid(
            f"No such registration code: '{code[:60]}'. It may have been used already, or have expired: read a new "
            "one off the reader's screen.",
            code="resource_missing",
            param="registration_code",
        )
    return device


def _leave_action(call: Call, serial: str) -> None:
    """What the device was busy with is called off; its reader object, if it stays, shows it in progress for ever."""
    row = of_device(call.tx, serial)
    if row is not None:
        forget(call, row)
