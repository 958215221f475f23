"""What is no command: names nobody has, bodies that are garbage, and bodies without end."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import urllib.request

import httpx
import pytest
from tests.pos.conftest import PATH, session

CONNECT = "activateTerminal"


def greet(link, name):
    plain = socket.create_connection(("127.0.0.1", link.port), timeout=10)
    with plain, link.trust.wrap_socket(plain, server_hostname=name) as greeted:
        return greeted.version()


def test_the_authority_is_trusted_for_readers_and_nothing_else(bench, link, control):
    from cryptography import x509

    authority = x509.load_pem_x509_certificate(control.certificate().encode())
    constraint = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    assert [name.value for name in constraint.permitted_subtrees] == ["reader.localhost"]
    assert greet(link, "wsc5.reader.localhost") in ("TLSv1.2", "TLSv1.3")


def test_nobody_trusts_a_reader_without_its_authority(link):
    plain = socket.create_connection(("127.0.0.1", link.port), timeout=10)
    with plain, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="wsc5.reader.localhost")


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "reader.localhost",
        "example.com",
        "a.b.reader.localhost",
        "x.reader.localhost.example.com",
        "_.reader.localhost",
    ],
)
def test_other_names_are_refused_in_the_greeting(link, name):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        greet(link, name)


def test_a_client_that_names_no_reader_is_refused(link):
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", link.port), timeout=10)
    with plain, pytest.raises((ssl.SSLError, ConnectionError)):
        trust.wrap_socket(plain)


def test_plain_http_is_no_link(link):
    with pytest.raises(httpx.TransportError):
        httpx.post(f"http://127.0.0.1:{link.port}{PATH}", trust_env=False)


@pytest.mark.parametrize("host", ["other.reader.localhost", "localhost", "127.0.0.1", "evil.example"])
def test_a_host_that_is_not_the_name_of_the_greeting_is_misdirected(bench, link, host):
    assert link.post(bench.reader().serial, b"{}", host=host).status_code == 421


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PATH, 405),
        ("DELETE", PATH, 405),
        ("POST", "/", 404),
        ("POST", "/v1/customers", 404),
        ("GET", "/_countertop/", 404),
    ],
)
def test_there_is_one_path_and_one_verb(bench, link, method, path, status):
    assert link.post(bench.reader().serial, b"", method=method, path=path).status_code == status


def packed(content):
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"method": 1}',
        b'{"method": ""}',
        b'{"method": "%s"}' % (b"m" * 101),
        b'{"method": "m", "service": "Other"}',
        b'{"method": "m", "request_type": "X"}',
        b'{"method": "m", "session_token": {}}',
        b'{"method": "m", "session_token": "%s"}' % (b"k" * 1001),
        b'{"method": "m", "content": 1}',
        b'{"method": "m", "content": "%%%"}',
        b'{"method": "m", "content": "\xc3\xa9"}',
        json.dumps({"method": "m", "content": packed(b"not json")}).encode(),
        json.dumps({"method": "m", "content": packed(b"[]")}).encode(),
        json.dumps({"method": "m", "content": packed(b"\xff")}).encode(),
        json.dumps({"method": "m", "content": packed(b'{"a":' * 900 + b"1" + b"}" * 900)}).encode(),
        json.dumps({"method": "m", "content": packed(b'{"a":' + b"[" * 12 + b"]" * 12 + b"}")}).encode(),
        b'{"method": "m", "other": ' + b"[" * 900 + b"]" * 900 + b"}",
    ],
)
def test_garbage_is_a_400_that_says_what_is_wrong(bench, link, body):
    answer = link.post(bench.reader().serial, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
    assert answer.json()["error"]["message"]


def test_an_endless_body_is_refused(bench, link):
    reader = bench.reader()
    answer = link.post(reader.serial, b" " * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert link.code(reader.serial, session(bench), CONNECT) == ""


def test_a_large_body_within_the_limit_is_read(bench, link):
    assert link.post(bench.reader().serial, b" " * (1024 * 1024)).status_code == 400


def test_the_certificate_is_for_this_machine_only(server, control):
    request = urllib.request.Request(server.url + "/_countertop/ca.pem", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)
