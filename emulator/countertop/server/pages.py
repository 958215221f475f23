"""Pages for people: what this server is, and the pages behind ``url`` members of API objects."""

from __future__ import annotations

import html

from countertop import __version__

PREFIX = "/p/"

HOME = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Countertop</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}}
pre{{background:#f4f4f4;padding:1rem;overflow:auto}}</style>
<h1>Countertop {version}</h1>
<p>An offline, stateful, Stripe-compatible API with virtual card readers. Emulated API version {api_version}.
Not affiliated with Stripe; it takes test keys only.</p>
<h2>Point an SDK at it</h2>
<pre>import stripe
client = stripe.StripeClient("sk_test_counter", base_addresses={{"api": "{url}"}})
client.v1.customers.create({{"name": "Ada"}})</pre>
<pre>const stripe = require("stripe")("sk_test_counter", {{host: "{host}", port: {port}, protocol: "http"}});</pre>
<pre>curl {url}/v1/customers -u sk_test_counter: -d name=Ada</pre>
<p>The control API (clock, readers, faults, snapshots) is under <code>/_countertop/</code>.</p>
"""

NOT_FOUND = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Not found</title><p>There is no page {path}.</p>
"""


def home(url: str, api_version: str) -> str:
    """What this server is and how to use it."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    return HOME.format(
        version=__version__,
        api_version=html.escape(api_version),
        url=html.escape(url),
        host=html.escape(host),
        port=html.escape(port),
    )


def not_found(path: str) -> str:
    """For a path under :data:`PREFIX` that is no page."""
    return NOT_FOUND.format(path=html.escape(path))
