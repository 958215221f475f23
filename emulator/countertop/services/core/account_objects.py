"""Accounts: the caller's own, and the connected accounts of a platform."""

from __future__ import annotations

from countertop.account_book import AccountBook
from countertop.accounts import CURRENCY_OF, Account
from countertop.api.catalog import Catalog
from countertop.api.errors import forbidden, invalid
from countertop.api.scope import Call, Document, Handler, Operations
from countertop.api.shape import complete
from countertop.services.changes import merge
from countertop.services.generic.members import members_of

KIND = "account"


def operations(book: AccountBook, catalog: Catalog) -> Operations:
    """The operations of /v1/account and /v1/accounts that need more than the generic service."""
    return {
        "GET /v1/account": own,
        "GET /v1/accounts/{account}": retriever(book),
        "POST /v1/accounts/{account}": updater(book, catalog),
        "POST /v1/accounts": creator(book, catalog),
    }


def own(call: Call) -> Document:
    """GET /v1/account: the account of the key."""
    return _shown(call, call.account)


def retriever(book: AccountBook) -> Handler:
    """GET /v1/accounts/{account}: the caller's own, or one that is connected to it."""

    def retrieve(call: Call) -> Document:
        return _shown(call, _reachable(book, call))

    return retrieve


def creator(book: AccountBook, catalog: Catalog) -> Handler:
    """POST /v1/accounts: a connected account, with a world of its own behind ``Stripe-Account``."""

    def create(call: Call) -> Document:
        country = str(call.params.get("country", call.account.country)).upper()
        if country not in CURRENCY_OF:
            raise invalid(f"{country} is not supported by Countertop.", code="country_unsupported", param="country")
        identity = "acct_1" + call.ids.text(15)
        made = book.connect(call.tx, call.account, identity, country)
        return call.save(complete(KIND, _document(made, call.now) | _members(catalog, call.params)))

    return create


def updater(book: AccountBook, catalog: Catalog) -> Handler:
    """POST /v1/accounts/{account}."""

    def update(call: Call) -> Document:
        before = _shown(call, _reachable(book, call))
        return call.save(complete(KIND, merge(before, _members(catalog, call.params))), "account.updated", before)

    return update


def _members(catalog: Catalog, params: Document) -> Document:
    # Only what an account shows: bank account and card numbers are parameters, never members.
    resource = catalog.resource(KIND)
    assert resource is not None, "the catalog has accounts"
    return members_of(resource.fields, params)


def _reachable(book: AccountBook, call: Call) -> Account:
    wanted = call.path["account"]
    if wanted == call.account.id:
        return call.account
    found = book.by_id(wanted)
    if found is None or found.platform != call.account.id:
        raise forbidden(
            f"The provided key does not have access to account '{wanted}' (or that account does not exist). "
            "Application access may have been revoked.",
            code="account_invalid",
        )
    return found


def _shown(call: Call, account: Account) -> Document:
    return call.get(KIND, account.id) or _document(account, call.now)


def _document(account: Account, now: int) -> Document:
    return complete(
        KIND,
        {
            "id": account.id,
            "object": KIND,
            "business_profile": {"mcc": account.mcc, "name": account.business_name},
            "charges_enabled": True,
            "country": account.country,
            "created": now,
            "default_currency": account.default_currency,
            "details_submitted": True,
            "email": None,
            "metadata": {},
            "payouts_enabled": True,
            "type": "standard",
        },
    )
