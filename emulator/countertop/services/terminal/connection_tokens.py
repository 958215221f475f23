"""Connection tokens: made by a server for its point of sale, which redeems one for a session key (terminal.md §4.1)."""

from __future__ import annotations

from countertop.api.errors import invalid, missing_resource, unauthorized
from countertop.api.scope import DELETED, Call, Document, Handler, Operations
from countertop.gateway import DeviceInfo, Gateway
from countertop.services.terminal import sessions
from countertop.services.terminal.pairing import DIRECTORY
from countertop.services.terminal.readers import KIND, MOBILE, settle

LOCATION = "terminal.location"
NEEDS_TOKEN = "This API call is made with a connection token (pst_test_…) in the place of an API key."


def operations(gateway: Gateway) -> Operations:
    """The operations of /v1/terminal/connection_tokens."""
    one = "/v1/terminal/connection_tokens"
    return {
        f"POST {one}": create,
        f"POST {one}/generate_pos_rpc_session": generate_pos_rpc_session,
        f"POST {one}/activate": activator(gateway),
    }


def create(call: Call) -> Document:
    """POST /v1/terminal/connection_tokens: neither ``id`` nor ``livemode``; ``location`` only when it was asked for."""
    location = call.params.get("location")
    if location is not None:
        call.fetch(LOCATION, location, param="location")
    token: Document = {"object": "terminal.connection_token"}
    if location is not None:
        token["location"] = location
    return token | {"secret": sessions.new_token(call, location)}


def generate_pos_rpc_session(call: Call) -> Document:
    """POST …/generate_pos_rpc_session: a session key for smart readers, which a POS shows to the reader itself."""
    _check_token(call)
    return {"sdk_rpc_session_token": sessions.redeem(call)}


def activator(gateway: Gateway) -> Handler:
    """POST …/activate: a session key for a reader that hangs on the POS, which is registered on the way."""

    def activate(call: Call) -> Document:
        _check_token(call)
        key = sessions.redeem(call)
        reader = _register(gateway, call, _device(gateway, call))
        return {"livemode": False, "reader": reader, "sdk_rpc_session_token": key}

    return activate


def _check_token(call: Call) -> None:
    if call.key_kind != "pst":
        raise unauthorized(NEEDS_TOKEN)


def _device(gateway: Gateway, call: Call) -> DeviceInfo:
    kind, serial = call.params["device_type"], call.params["device_serial_number"]
    if kind not in MOBILE:
        raise invalid(
            f"Readers of the type {kind[:60]!r} are not activated by a point of sale: register them, then redeem the "
            "connection token with generate_pos_rpc_session.",
            param="device_type",
        )
    device = gateway.devices.describe(call.tx, serial)
    if device is None or device.device_type != kind:
        raise missing_resource(kind, serial[:60], param="device_serial_number")
    return device


def _register(gateway: Gateway, call: Call, device: DeviceInfo) -> Document:
    """The reader object of a mobile device, at the location that was named or, unless one was, where it is."""
    entry = call.tx.get("", DIRECTORY, device.serial)
    known = call.get(KIND, entry["reader"]) if entry is not None and entry["account"] == call.account.id else None
    place = call.params.get("register_to_location") or (known["location"] if known is not None else None)
    if not place:
        raise invalid(
            "Missing required param: register_to_location.", code="parameter_missing", param="register_to_location"
        )
    location = call.get(LOCATION, place)
    if location is None:
        if call.get(LOCATION + DELETED, place) is None:
            raise missing_resource("location", place, param="register_to_location")
        raise invalid(
            f"This reader is being registered to a deleted location: '{place}'. Register it to another one.",
            param="register_to_location",
        )
    if known is not None:
        return call.save(known | {"location": place, "device_sw_version": device.software})
    return settle(gateway, call, device, location, label=device.serial)
