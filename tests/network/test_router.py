"""Routing by card number, and hosts of other packages."""

from __future__ import annotations

import pytest

from countertop import plugins
from countertop.errors import ConfigurationError
from countertop.network import IssuerRequest, IssuerResponse, Router
from countertop.plugins import PluginWarning


class NoRows:
    """A transaction on an empty store: no host is down."""

    def raw(self, account, kind, name):
        return None


NO_ROWS = NoRows()


class ClearVault:
    def reveal(self, tx, token):
        return token


class Host:
    """Approves everything, in its own name."""

    def __init__(self, name: str, *prefixes: str) -> None:
        self.name = name
        self.prefixes = prefixes

    def decide(self, tx, request):
        return IssuerResponse(True, "00", authorization_code=self.name)


def router(*hosts: Host) -> Router:
    built = Router(Host("default"), ClearVault(), guests=Host("guests"))
    for host in hosts:
        built.add(host)
    return built


def decided_by(built: Router, number: str) -> str | None:
    request = IssuerRequest("authorization", number, 100, "usd", "US", "5734", "ch_1")
    return built.decide(NO_ROWS, request).authorization_code


def test_the_longest_prefix_wins():
    built = router(Host("wide", "4"), Host("narrow", "424242"), Host("one", "4242424242424242"))
    assert decided_by(built, "4000056655665556") == "wide"
    assert decided_by(built, "4242420000000000") == "narrow"
    assert decided_by(built, "4242424242424242") == "one"
    assert decided_by(built, "5555555555554444") == "default"


def test_a_host_may_have_many_prefixes():
    built = router(Host("bank", "51", "4000"))
    assert decided_by(built, "5105105105105100") == decided_by(built, "4000000000000002") == "bank"
    assert decided_by(built, "4242424242424242") == "default"


@pytest.mark.parametrize("prefix", ["", "4x", "4" * 20, "٤٢"])
def test_a_malformed_prefix_is_refused(prefix):
    with pytest.raises(ConfigurationError, match="not a card number prefix"):
        router(Host("bank", prefix))


def test_a_prefix_has_one_owner_and_a_refused_host_owns_nothing():
    built = router(Host("first", "4242"))
    with pytest.raises(ConfigurationError, match="the prefix 4242 belongs to first"):
        built.add(Host("second", "51", "4242"))
    assert decided_by(built, "5105105105105100") == "default"


def test_hosts_of_other_packages(monkeypatch):
    class Point:
        def __init__(self, name, target):
            self.name, self.target = name, target

        def load(self):
            if self.target is None:
                raise ImportError("no such module")
            return self.target

    points = [
        Point("bank", lambda vault: Host("bank", "51")),
        Point("gone", None),
        Point("wrong", lambda vault: Host("wrong", "x")),
    ]
    monkeypatch.setattr(plugins, "points_of", lambda group: points)
    built = router()
    with pytest.warns(PluginWarning) as warnings:
        assert decided_by(built, "5105105105105100") == "bank"
    assert sorted(str(warning.message).split("'")[1] for warning in warnings) == ["gone", "wrong"]
    assert decided_by(built, "5105105105105100") == "bank"
