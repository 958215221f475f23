"""api-conventions §11: endpoints, deliveries, signatures."""

from __future__ import annotations

import http.server
import re
import threading
import time

import pytest
import stripe


def make(api, form="enabled_events[]=*", url="http://127.0.0.1:9/"):
    return api.post("/v1/webhook_endpoints", f"url={url}&{form}")


def test_secret_is_shown_once_in_the_create_response(api):
    made = make(api)
    assert re.fullmatch(r"whsec_[0-9A-Za-z]{32}", made.body["secret"])
    assert "secret" not in api.get(f"/v1/webhook_endpoints/{made.body['id']}").body
    assert "secret" not in api.get("/v1/webhook_endpoints").body["data"][0]


def test_sixteen_endpoints_per_account(api):
    assert [make(api).status for _ in range(17)] == [200] * 16 + [400]


@pytest.mark.parametrize("url", ["ftp://example.com/", "nonsense", "http://", "http://a b/"])
def test_invalid_url(api, url):
    answer = make(api, url=url)
    assert (answer.status, answer.error["code"]) == (400, "url_invalid")


def test_partial_wildcards_are_not_valid_for_endpoints(api):
    assert make(api, "enabled_events[]=customer.*").status == 400


def test_an_endpoint_gets_the_events_that_it_asked_for_and_no_others(api, bench):
    inbox = bench.inbox("customer.created")
    everything = bench.inbox()
    api.customer()
    api.post("/v1/products", "name=P")
    assert inbox.types == ["customer.created"]
    assert everything.types == ["customer.created", "product.created"]


def test_a_disabled_endpoint_gets_nothing_until_it_is_enabled(api, bench):
    inbox = bench.inbox()
    path = f"/v1/webhook_endpoints/{inbox.endpoint}"
    assert api.post(path, "disabled=true").body["status"] == "disabled"
    api.customer()
    assert inbox.types == []
    assert api.post(path, "disabled=false").body["status"] == "enabled"
    api.customer()
    assert inbox.types == ["customer.created"]


def test_delete_gives_the_stub_and_ends_deliveries(api, bench):
    inbox = bench.inbox()
    answer = api.delete(f"/v1/webhook_endpoints/{inbox.endpoint}")
    assert answer.body == {"id": inbox.endpoint, "object": "webhook_endpoint", "deleted": True}
    api.customer()
    assert inbox.types == []
    assert api.get(f"/v1/webhook_endpoints/{inbox.endpoint}").status == 404


def test_connect_endpoints_get_the_events_of_connected_accounts(api, bench):
    connected = api.post("/v1/accounts", "type=standard").body["id"]
    inbox = bench.inbox("customer.created")
    endpoint = api.post(
        "/v1/webhook_endpoints", "url=https://inbox.countertop.test/c&enabled_events[]=customer.created&connect=true"
    ).body["id"]
    api.post("/v1/customers", stripe_account=connected)
    with bench.store.transaction() as tx:
        log = bench.world.deliveries.log(tx, bench.account().id)
    assert [row["endpoint"] for row in log] == [endpoint]
    assert inbox.types == []


def test_signature_is_accepted_by_the_sdk_over_the_exact_bytes(api, bench):
    inbox = bench.inbox()
    api.customer("name=Jenny")
    item = inbox.expect("customer.created")
    tolerance = 10**9  # the bench's clock is not the wall's
    event = stripe.Webhook.construct_event(item.body, item.signature, inbox.secret, tolerance=tolerance)
    assert event.data.object["name"] == "Jenny"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(item.body + b" ", item.signature, inbox.secret, tolerance=tolerance)


def test_signature_equals_the_sdks_own_oracle():
    from countertop.webhooks.signature import signature_header

    body, secret, at = b'{"a": "\xc3\xa9"}', "whsec_abc", 1_700_000_000
    oracle = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=at)
    assert signature_header(body, (secret,), at) == oracle


def test_headers_of_a_delivery(api, bench):
    inbox = bench.inbox()
    api.customer()
    headers = inbox.received[0].headers
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["User-Agent"] == "Stripe/1.0 (+https://stripe.com/docs/webhooks)"


def test_failed_deliveries_are_tried_three_times_with_a_fresh_signature_and_the_same_event(api, bench):
    inbox = bench.inbox(answer=lambda item: 500)
    api.customer()
    assert len(inbox) == 1
    bench.advance(minutes=6)
    assert len(inbox) == 2
    bench.advance(hours=3)
    assert len(inbox) == 3
    bench.advance(hours=200)
    assert len(inbox) == 3
    assert len({item.event["id"] for item in inbox}) == 1
    assert len({item.signature for item in inbox}) == 3


def test_a_handler_that_recovers_gets_the_event_later_and_pending_webhooks_counts_down(api, bench):
    answers = iter([503, 200])
    inbox = bench.inbox(answer=lambda item: next(answers))
    api.customer()
    event = inbox.received[0].event["id"]
    assert api.get(f"/v1/events/{event}").body["pending_webhooks"] == 1
    bench.advance(minutes=6)
    assert api.get(f"/v1/events/{event}").body["pending_webhooks"] == 0


def test_a_handler_that_calls_back_in_does_not_dead_lock(api, bench):
    seen = []

    def handler(item):
        seen.append(bench.call("GET", f"/v1/customers/{item.event['data']['object']['id']}")["id"])
        if len(seen) == 1:
            bench.call("POST", "/v1/customers", {"name": "made by the handler"})

    bench.inbox("customer.created", answer=handler)
    made = api.customer()["id"]
    assert seen[0] == made
    assert len(seen) == 2


# --- over HTTP ----------------------------------------------------------------------------------------------------


class Target(http.server.ThreadingHTTPServer):
    """An HTTP target that answers as told."""

    def __init__(self, status=200, hang=False, garbage=False):
        self.bodies = []
        self.release = threading.Event()
        self.released = threading.Event()
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                target.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                if hang:
                    target.release.wait(5)
                    target.released.set()
                if garbage:
                    self.wfile.write(b"\x00\xffnot http at all\r\n")
                    return
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                """Quiet."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def close(self):
        self.release.set()
        self.shutdown()
        self.server_close()


@pytest.mark.parametrize(
    ("options", "status"), [({}, "delivered"), ({"status": 302}, "pending"), ({"garbage": True}, "pending")]
)
def test_real_targets_redirects_and_garbage(api, bench, options, status):
    target = Target(**options)
    try:
        make(api, url=target.url)
        api.customer()
        bench.wait_for_deliveries()
        with bench.store.transaction() as tx:
            [row] = bench.world.deliveries.log(tx, bench.account().id)
        assert row["status"] == status
        assert len(target.bodies) == 1
    finally:
        target.close()


def test_a_target_that_hangs_delays_nothing_else(api, bench):
    hanging, good = Target(hang=True), Target()
    try:
        make(api, url=hanging.url)
        make(api, url=good.url)
        for _ in range(5):
            api.customer()
        deadline = time.monotonic() + 4
        while (len(good.bodies) < 5 or not hanging.bodies) and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        assert len(good.bodies) == 5
        assert len(hanging.bodies) == 1  # its first delivery is still under way: nothing waited for it
        assert not hanging.released.is_set()
    finally:
        hanging.close()
        bench.wait_for_deliveries()
        good.close()


def test_a_target_that_drips_is_cut_off_when_the_whole_attempt_has_taken_too_long():
    import socket

    from countertop.webhooks.deliveries import Shipment
    from countertop.webhooks.sender import HttpTransport

    ended = threading.Event()

    def drip(server):
        connection, _ = server.accept()
        connection.recv(65536)
        try:
            while not ended.wait(0.02):
                connection.sendall(b"H")
        except OSError:
            return
        finally:
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        outcome = HttpTransport(0.3)(Shipment("acct", "evt:we", "we", url, b"{}", {}))
        ended.set()
        thread.join(5)
    assert outcome.status is None
    assert "no complete answer within 0.3 s" in outcome.error


def test_a_worker_outlives_a_world_that_cannot_be_told(caplog):
    from countertop.errors import StoreUnavailable
    from countertop.webhooks.sender import Sender

    asked = []

    def prepare(account, delivery):
        asked.append(delivery)
        if len(asked) == 1:
            raise StoreUnavailable("The disk is full.")

    sender = Sender(prepare, record=lambda shipment, outcome: None)
    sender.announce("acct", "evt_1:we_1")
    sender.announce("acct", "evt_2:we_1")
    assert sender.wait_quiet(5)
    sender.close()
    assert asked == ["evt_1:we_1", "evt_2:we_1"]
    assert "evt_1:we_1 was not settled" in caplog.text
