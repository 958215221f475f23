"""A web application's side of webhooks, as small as it can be: it verifies each signature with the SDK."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Any


class WebhookListener:
    """Listens on a free loopback port; ``verified`` holds the events whose signature the SDK accepted."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.verified: list[Any] = []
        self.refused = 0
        listener = self

        class Handler(BaseHTTPRequestHandler):
            """Answers one delivery."""

            def do_POST(self) -> None:
                """Verify, remember, answer 200; 400 for a signature that does not hold."""
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                accepted = listener.accept(body, self.headers.get("Stripe-Signature", ""))
                self.send_response(200 if accepted else 400)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the story tells what arrived."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def accept(self, body: bytes, signature: str) -> bool:
        """Verify a delivery against the known secrets, and keep its event."""
        import stripe

        for secret in self.secrets:
            try:
                self.verified.append(stripe.Webhook.construct_event(body, signature, secret))
            except stripe.SignatureVerificationError:
                continue
            return True
        self.refused += 1
        return False

    def __enter__(self) -> WebhookListener:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
