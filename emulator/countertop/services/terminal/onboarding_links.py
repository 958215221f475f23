"""Onboarding links: where a merchant accepts Apple's terms for Tap to Pay on iPhone (terminal.md §1.6).

A link has no id and is never looked up again.
"""

from __future__ import annotations

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler, Operations
from countertop.api.shape import complete
from countertop.services.rooms import Rooms

KIND = "terminal.onboarding_link"
PAGE = "https://register.apple.com/tap-to-pay-on-iphone/"
TOKEN_LENGTH = 32


def operations(rooms: Rooms) -> Operations:
    """The operation of /v1/terminal/onboarding_links."""
    return {"POST /v1/terminal/onboarding_links": creator(rooms)}


def creator(rooms: Rooms) -> Handler:
    """POST /v1/terminal/onboarding_links: for the caller, or on behalf of an account that is connected to it."""

    def create(call: Call) -> Document:
        params = call.params
        link_type = params["link_type"]
        options = params["link_options"].get(link_type)
        if options is None:
            param = f"link_options[{link_type}]"
            raise invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)
        behalf = params.get("on_behalf_of")
        if behalf is not None and behalf != call.account.id:
            connected = rooms.accounts.by_id(behalf)
            if connected is None or connected.platform != call.account.id:
                raise invalid(f"No such account: '{behalf}'", code="resource_missing", param="on_behalf_of")
        return complete(
            KIND,
            {
                "object": KIND,
                "link_options": {
                    link_type: {
                        "allow_relinking": options.get("allow_relinking"),
                        "merchant_display_name": options["merchant_display_name"],
                    }
                },
                "link_type": link_type,
                "on_behalf_of": behalf,
                "redirect_url": PAGE + call.ids.text(TOKEN_LENGTH),
            },
        )

    return create
