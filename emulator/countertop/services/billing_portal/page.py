"""The page behind a portal session's URL: shows the session, and says plainly what it is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from countertop.api.scope import Document
from countertop.services.billing_portal.sessions import KIND, OPEN_FOR_MS, PAGES

if TYPE_CHECKING:
    from countertop.clock import Clock
    from countertop.store import Transaction

PREFIX = "/p/session/"
FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#1a1f36}}
dt{{color:#697386;font-size:.85rem;margin-top:.8rem}}dd{{margin:0}}a{{color:#0055bc}}small{{color:#697386}}</style>
</head><body>{body}<p><small>Countertop, a local emulator. Not Stripe; no real customer, no real money.</small></p>
</body></html>"""


def show(tx: Transaction, clock: Clock, path: str) -> tuple[int, str] | None:
    """(status, HTML) of a portal page; None for a path that is not one.  Opening it keeps it open for an hour."""
    if not path.startswith(PREFIX):
        return None
    row = tx.get("", PAGES, path.removeprefix(PREFIX))
    session = tx.get(row["account"], KIND, row["session"]) if row else None
    if row is None or session is None:
        return 404, _frame("No such session", "<h1>No such session</h1><p>This link was never made here.</p>")
    if clock.now_ms() >= row["expires_ms"]:
        return 410, _frame("Session expired", "<h1>This session has expired</h1><p>Create a new portal session.</p>")
    row["expires_ms"] = clock.now_ms() + OPEN_FOR_MS
    tx.put("", PAGES, row, created=clock.now())
    customer = tx.get(row["account"], "customer", session["customer"]) or {}
    return 200, _frame("Customer portal", _body(session, customer))


def _body(session: Document, customer: Document) -> str:
    flow = session["flow"]
    methods = customer.get("invoice_settings") or {}
    rows: list[tuple[str, Any]] = [
        ("Customer", customer.get("name") or session["customer"]),
        ("Email", customer.get("email")),
        ("Default payment method", methods.get("default_payment_method")),
        ("Language", session["locale"] or "auto"),
        ("Flow", flow["type"] if flow else "home page"),
        ("Session", session["id"]),
        ("Configuration", session["configuration"]),
    ]
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in rows if value)
    back = session["return_url"]
    link = f'<p><a href="{escape(back, quote=True)}">Return</a></p>' if back else ""
    return f"<h1>Customer portal</h1><dl>{listed}</dl>{link}"


def _frame(title: str, body: str) -> str:
    return FRAME.format(title=escape(title), body=body)
