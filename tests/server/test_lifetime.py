"""Starting, stopping, and what happens in between."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from countertop.bench import Bench
from countertop.client import ServerClient, ServerNotRunning
from countertop.errors import ConfigurationError
from countertop.server import LiveServer, listen, url_of
from countertop.server.listen import is_loopback


def test_a_port_in_use_is_one_sentence_with_a_way_out(bench: Bench, server: LiveServer) -> None:
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(ConfigurationError) as refused:
        LiveServer(bench, port=port)
    assert f"Port {port} on 127.0.0.1 is in use." in str(refused.value)
    assert f"--port {port + 1}" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("203.0.113.7", 0), ("no.such.host.invalid", 0)])
def test_addresses_that_cannot_be_are_refused(host: str, port: int) -> None:
    with pytest.raises(ConfigurationError):
        listen(host, port)


def test_the_socket_is_tcp_by_name_so_that_nagle_is_off() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_loopback_is_told_from_the_rest() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "192.168.0.1", "example.com")] == [False] * 4


def test_a_request_under_way_is_finished_before_the_stop(bench: Bench) -> None:
    server = LiveServer(bench)
    bench.faults.arm("slow", delay_ms=300)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(httpx.get, f"{server.url}/v1/customers", auth=("sk_test_counter", ""), trust_env=False)
        while bench.run(lambda: bench.faults.armed):
            continue
        server.close()
        assert answer.result().status_code == 200


def test_nothing_answers_after_the_stop(bench: Bench) -> None:
    with LiveServer(bench) as server:
        url = server.url
    with ServerClient(url) as client, pytest.raises(ServerNotRunning) as refused:
        client.info()
    assert str(refused.value) == f"No Countertop server answers at {url}. Start one with: countertop up"


def test_threads_that_use_the_bench_survive_the_stop(bench: Bench) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def work() -> None:
        while not stop.is_set():
            try:
                bench.account()
            except BaseException as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        LiveServer(bench).close()
    stop.set()
    for thread in threads:
        thread.join(10)
    assert failures == []
    assert not any(thread.is_alive() for thread in threads)


def test_something_else_at_the_address_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

        thread = threading.Thread(target=answer)
        thread.start()
        with ServerClient(f"http://127.0.0.1:{port}") as client, pytest.raises(ServerNotRunning, match="no Countertop"):
            client.info()
        thread.join()
