"""The authorization road: requests, routing by card number, and the hosts that decide.

A host of another package is registered by an entry point in the group ``countertop.issuer_hosts`` that
names a function ``build(vault) -> IssuerHost``::

    [project.entry-points."countertop.issuer_hosts"]
    acme = "acme_bank:build"

It is asked about every card whose number begins with one of its ``prefixes``.
"""

from countertop.network.host import IssuerHost, Vault
from countertop.network.issuer_of_test_cards import TestCardHost
from countertop.network.messages import IssuerRequest, IssuerResponse, RequestKind
from countertop.network.router import Router

__all__ = ["IssuerHost", "IssuerRequest", "IssuerResponse", "RequestKind", "Router", "TestCardHost", "Vault"]
