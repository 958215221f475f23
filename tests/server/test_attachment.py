"""Real devices at readers, as the control API has them: asked, answered, refused, forgotten."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest
from air_card import chip_of
from tests.cards.hands import make

from countertop.bench import Bench
from countertop.client import RequestRefused, ServerClient
from countertop.client.sse import read_events
from countertop.server import LiveServer

WITHIN_S = 10


class Device:
    """The process that has a device, by hand: questions come in, answers go out when a test says so."""

    def __init__(self, url: str, reader: str, how: str, allow: tuple[str, ...] = ()) -> None:
        self._asks: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._connection = HTTPConnection(url.removeprefix("http://"), timeout=WITHIN_S)
        body = json.dumps({"device": "test:device", "how": how, "allow": allow})
        self._connection.request("POST", f"/_countertop/readers/{reader}/attach", body)
        self._stream = self._connection.getresponse()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.first = self.asked()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError, HTTPException):
            for name, data in read_events(iter(lambda: self._stream.read1(65536), b"")):
                self._asks.put({"do": "attached", **data} if name == "attached" else data)
        self._asks.put({"do": "end"})

    def asked(self) -> dict[str, Any]:
        """The next question."""
        return self._asks.get(timeout=WITHIN_S)

    def hang_up(self) -> None:
        if self._connection.sock is not None:
            with contextlib.suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(WITHIN_S)
        self._stream.close()
        self._connection.close()


@pytest.fixture
def attach(server: LiveServer) -> Iterator[Callable[..., Device]]:
    made: list[Device] = []

    def begin(reader: str, how: str = "insert", allow: tuple[str, ...] = ()) -> Device:
        made.append(Device(server.url, reader, how, allow))
        return made[-1]

    yield begin
    for device in made:
        device.hang_up()


def sell(bench: Bench, reader: Any, amount: int = 1250) -> str:
    params = {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"]}
    intent = bench.call("POST", "/v1/payment_intents", params)
    bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
    return str(intent["id"])


def serve(device: Device, control: ServerClient, reader: Any, chip: Any, answers: int) -> None:
    """Answer so many questions."""
    while answers:
        ask = device.asked()
        if ask["do"] == "power_off":
            continue
        said = chip.power_on() if ask["do"] == "power_on" else chip.transmit(bytes.fromhex(ask["apdu"]))
        control.card_said(reader.serial, ask["number"], said)
        answers -= 1


def test_the_server_waits_for_nobody(bench, control, attach):
    reader = bench.reader()
    device = attach(reader.serial)
    assert device.first == {"do": "attached", "serial": reader.serial}
    intent = sell(bench, reader)
    control.card_at_device(reader.serial, {"state": "present"})
    bench.advance(seconds=5)
    ask = device.asked()
    assert (ask["do"], ask["warm"]) == ("power_on", False)
    # The card says nothing; everything else goes on.
    assert control.reader(reader.serial)["state"] == "reading"
    assert bench.call("GET", f"/v1/payment_intents/{intent}")["status"] == "requires_payment_method"
    chip = make("visa")
    control.card_said(reader.serial, ask["number"], chip.power_on())
    serve(device, control, reader, chip, 13)
    bench.advance(seconds=5)
    assert bench.call("GET", f"/v1/payment_intents/{intent}")["status"] == "succeeded"
    names = [entry.get("name") for entry in bench.trace(intent)["entries"]]
    assert "GENERATE AC (2nd)" in names


def test_a_card_that_stays_silent_is_given_up(bench, control, attach):
    reader = bench.reader()
    device = attach(reader.serial)
    sell(bench, reader)
    control.card_at_device(reader.serial, {"state": "present"})
    bench.advance(seconds=5)
    first = device.asked()
    bench.advance(seconds=61)
    again = device.asked()
    assert (again["do"], again["warm"]) == ("power_on", True), "one warm reset (EMV Book 1)"
    bench.advance(seconds=61)
    assert control.reader(reader.serial)["state"] == "remove_card"
    # An answer that comes now is not heard.
    control.card_said(reader.serial, first["number"], make("visa").power_on())
    assert control.reader(reader.serial)["state"] == "remove_card"


def test_answers_to_something_else_are_not_heard(bench, control, attach):
    reader = bench.reader()
    device = attach(reader.serial, "tap")
    control.card_said(reader.serial, 1, b"\x90\x00")
    sell(bench, reader)
    control.card_at_device(reader.serial, {"state": "present"})
    bench.advance(seconds=5)
    ask = device.asked()
    control.card_said(reader.serial, ask["number"] + 1, b"\x90\x00")
    control.card_said(reader.serial, ask["number"], b"\x05\x78\x80\x70\x02")
    assert device.asked()["name"] == "SELECT 2PAY.SYS.DDF01"
    control.card_said(reader.serial, ask["number"], b"\x05\x78\x80\x70\x02")
    assert control.attachments()[0]["exchanges"] == 1


def test_the_issuers_answer_reaches_the_card_where_that_is_allowed(bench, control, attach):
    reader = bench.reader()
    device = attach(reader.serial, allow=("tc",))
    intent = sell(bench, reader)
    control.card_at_device(reader.serial, {"state": "present"})
    bench.advance(seconds=5)
    chip = make("visa")
    serve(device, control, reader, chip, 13)
    bench.advance(seconds=5)
    # The issuer has approved; the card has the last word, and the platform waits for it.
    assert bench.call("GET", f"/v1/payment_intents/{intent}")["status"] == "requires_payment_method"
    assert control.reader(reader.serial)["state"] == "authorizing"
    serve(device, control, reader, chip, 1)
    assert bench.call("GET", f"/v1/payment_intents/{intent}")["status"] == "succeeded"


def test_a_card_pulled_before_its_last_word_fails_the_payment(bench, control, attach):
    reader = bench.reader()
    device = attach(reader.serial, allow=("tc",))
    intent = sell(bench, reader)
    control.card_at_device(reader.serial, {"state": "present"})
    bench.advance(seconds=5)
    serve(device, control, reader, make("visa"), 13)
    bench.advance(seconds=5)
    control.card_at_device(reader.serial, {"state": "gone"})
    bench.advance(seconds=60)
    assert bench.call("GET", f"/v1/payment_intents/{intent}")["status"] == "requires_payment_method"
    action = control.reader_action(reader.id)
    assert (action["status"], action["failure_code"]) == ("failed", "card_removed")


def test_a_tapped_card_may_go_once_it_has_spoken(bench, control, attach):
    reader = bench.reader()
    device = attach(reader.serial, "tap")
    intent = sell(bench, reader)
    control.card_at_device(reader.serial, {"state": "present"})
    bench.advance(seconds=1)
    serve(device, control, reader, chip_of("visa"), 4)
    control.card_at_device(reader.serial, {"state": "gone"})
    bench.advance(seconds=5)
    assert bench.call("GET", f"/v1/payment_intents/{intent}")["status"] == "succeeded"


def test_what_crosses_the_cable_is_on_the_stream_masked(bench, control, attach, server):
    reader = bench.reader()
    device = attach(reader.serial)
    with ServerClient(server.url) as watching, watching.listening("device") as items:
        sell(bench, reader)
        control.card_at_device(reader.serial, {"state": "present"})
        bench.advance(seconds=5)
        serve(device, control, reader, make("visa"), 8)
        seen = [next(items).data for _ in range(8)]
    assert [item["name"] for item in seen[:2]] == ["power on", "SELECT 1PAY.SYS.DDF01"]
    assert any("424242******4242" in item["response"] for item in seen)
    assert "4242424242424242" not in str(seen)


def test_a_second_device_is_refused(bench, control, attach):
    reader = bench.reader()
    attach(reader.serial)
    with (
        pytest.raises(RequestRefused, match="test:device is attached") as refusal,
        control.attaching(reader.id, "other:device", "tap"),
    ):
        pass
    assert refusal.value.status == 409


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("attach", {}, 400, "device"),
        ("attach", {"device": "x:y", "how": "swallow"}, 400, "how"),
        ("attach", {"device": "x:y", "how": "tap", "allow": ["murder"]}, 400, "allow"),
        ("attach/card", {"state": "present"}, 409, "No device is attached"),
        ("attach/card", {}, 400, "either state or tracks"),
        ("attach/card", {"state": "gone", "tracks": [None, None, None]}, 400, "either state or tracks"),
        ("attach/card", {"tracks": [None]}, 400, "tracks"),
        ("attach/answer", {"number": 1, "response": "9000"}, 409, "No device is attached"),
        ("attach/answer", {"number": 1, "response": "9"}, 400, "hexadecimal"),
        ("attach/answer", {"number": 1}, 400, "either response or silence"),
        ("attach/answer", {"number": 0, "silence": "mute"}, 400, "number"),
        ("attach/answer", {"number": 1, "silence": "golden"}, 400, "silence"),
        ("detach", {}, 404, "No device is attached"),
    ],
)
def test_what_is_refused(bench, http, path, body, status, says):
    reader = bench.reader()
    answer = http.post(f"/_countertop/readers/{reader.id}/{path}", json=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert says in error["message"] + error["hint"]


def test_a_reader_that_wants_no_card(bench, control, attach):
    reader = bench.reader()
    attach(reader.serial)
    with pytest.raises(RequestRefused, match="does not ask for a card"):
        control.card_at_device(reader.serial, {"state": "present"})
    control.card_at_device(reader.serial, {"state": "gone"})
    assert control.attachments()[0]["card"] is False


def test_reset_detaches(bench, control, attach):
    reader = bench.reader()
    device = attach(reader.serial)
    control.reset()
    assert device.asked()["do"] in ("detached", "end")
    assert control.attachments() == []


def test_hanging_up_detaches_and_the_card_is_gone(bench, control, attach):
    reader = bench.reader()
    device = attach(reader.serial)
    sell(bench, reader)
    control.card_at_device(reader.serial, {"state": "present"})
    bench.advance(seconds=5)
    assert device.asked()["do"] == "power_on"
    with ServerClient(control.url) as watching, watching.listening("device") as items:
        device.hang_up()
        assert next(items).data["attached"] is None
    view = control.reader(reader.serial)
    assert (view["attached"], view["state"], view["card_in_slot"]) == (None, "waiting", False)


def test_a_server_that_stops_ends_the_stream(bench: Bench):
    reader = bench.reader()
    with LiveServer(bench) as server:
        device = Device(server.url, reader.serial, "insert")
        assert device.first["do"] == "attached"
    assert device.asked()["do"] == "end"
    device.hang_up()
