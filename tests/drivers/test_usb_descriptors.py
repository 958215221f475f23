"""Configuration descriptors as bytes (USB 2.0 §9.6): ours, anybody's, and rubbish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop_drivers import ProtocolError
from countertop_drivers.usb.descriptors import parse_configuration
from countertop_drivers.virtual.ccid import VirtualCcid

CLASS = st.binary(min_size=0, max_size=60).map(lambda body: bytes((len(body) + 2, 0x21)) + body)
ENDPOINT = st.builds(
    lambda address, kind, packet, interval: bytes((7, 5, address, kind)) + packet.to_bytes(2, "little") + bytes((interval,)),
    st.integers(0, 255), st.integers(0, 3), st.integers(0, 65535), st.integers(0, 255),
)  # fmt: skip


@st.composite
def configurations(draw):
    interfaces = draw(
        st.lists(st.tuples(st.integers(0, 1), st.lists(CLASS, max_size=2), st.lists(ENDPOINT, max_size=4)), max_size=4)
    )
    body = b""
    for number, (alternate, classes, endpoints) in enumerate(interfaces):
        body += (
            bytes((9, 4, number, alternate, len(endpoints), 0x0B, 0, 0, 0)) + b"".join(classes) + b"".join(endpoints)
        )
    head = bytes((9, 2)) + (9 + len(body)).to_bytes(2, "little") + bytes((len(interfaces), 1, 0, 0x80, 50))
    return head + body, interfaces


@given(configurations())
def test_what_is_written_is_read(made):
    data, interfaces = made
    found = parse_configuration(data)
    first = [(classes, endpoints) for alternate, classes, endpoints in interfaces if alternate == 0]
    assert [len(one.endpoints) for one in found.interfaces] == [len(endpoints) for _, endpoints in first]
    for one, (classes, endpoints) in zip(found.interfaces, first, strict=True):
        assert bytes(one.fields.extra_descriptors) == b"".join(classes)
        assert [endpoint.bEndpointAddress for endpoint in one.endpoints] == [raw[2] for raw in endpoints]


@given(configurations(), st.data())
def test_what_is_spoilt_is_a_typed_error_or_something_else(made, data):
    spoilt = bytearray(made[0])
    for _ in range(data.draw(st.integers(1, 3))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(spoilt[: data.draw(st.integers(0, len(spoilt)))])
    for one in (bytes(spoilt), cut):
        try:
            parse_configuration(one)
        except ProtocolError:
            continue


@given(st.binary(max_size=300))
def test_rubbish(data):
    try:
        parse_configuration(data)
    except ProtocolError:
        return


def test_our_own_reader():
    found = parse_configuration(VirtualCcid().shape.configuration)
    [interface] = found.interfaces
    assert interface.fields.bInterfaceClass == 0x0B
    assert len(interface.fields.extra_descriptors) == 54
    assert len(interface.endpoints) == 3


def test_an_endpoint_before_every_interface():
    with pytest.raises(ProtocolError, match="before every interface"):
        parse_configuration(bytes((9, 2, 16, 0, 0, 1, 0, 0x80, 50)) + bytes((7, 5, 0x81, 2, 64, 0, 0)))
