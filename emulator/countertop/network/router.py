"""Finds the host that decides about a card: the longest matching prefix of its number wins."""

from __future__ import annotations

from typing import Any

from countertop.errors import ConfigurationError
from countertop.network import stand_in
from countertop.network.host import IssuerHost, Vault
from countertop.network.messages import IssuerRequest, IssuerResponse
from countertop.plugins import loaded, warn_broken

GROUP = "countertop.issuer_hosts"
LONGEST_PREFIX = 19


class Router:
    """Routes requests by card number; cards in nobody's range go to the default host, and those of which only a
    truncated number is known, because they are somebody's own, to the host for ``guests``."""

    def __init__(self, default: IssuerHost, vault: Vault, guests: IssuerHost) -> None:
        self._default = default
        self._guests = guests
        self._vault = vault
        self._hosts: dict[str, IssuerHost] = {}
        self._lengths: tuple[int, ...] = ()
        self._plugged = False

    def add(self, host: IssuerHost) -> None:
        """Route a host's prefixes to it.

        Raises ConfigurationError for a prefix that is malformed or taken.
        """
        for prefix in host.prefixes:
            if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= LONGEST_PREFIX):
                raise ConfigurationError(f"{host.name}: {prefix!r} is not a card number prefix.", "Use digits only.")
            rival = self._hosts.get(prefix)
            if rival is not None and rival is not host:
                raise ConfigurationError(
                    f"{host.name}: the prefix {prefix} belongs to {rival.name}.",
                    "A longer prefix would win over it.",
                )
        self._hosts.update((prefix, host) for prefix in host.prefixes)
        self._lengths = tuple(sorted({len(prefix) for prefix in self._hosts}, reverse=True))

    def plug_in(self) -> None:
        """Add the hosts of other packages (entry points), once; one that fails is one warning.

        The first question does it by itself.
        """
        if self._plugged:
            return
        self._plugged = True
        for name, build in loaded(GROUP):
            try:
                self.add(build(self._vault))
            except Exception as error:  # a stranger's function: anything may be wrong with it
                warn_broken(GROUP, name, error)

    def host_of(self, number: str) -> IssuerHost:
        """The host that decides about this card number."""
        if not number.isdigit():
            return self._guests
        for length in self._lengths:
            host = self._hosts.get(number[:length])
            if host is not None:
                return host
        return self._default

    def is_ours(self, number: str) -> bool:
        """Whether a number is in the range of a host of this network, so that it is nobody's own card."""
        self.plug_in()
        return self.host_of(number) is not self._default

    def decide(self, tx: Any, request: IssuerRequest) -> IssuerResponse:
        """Ask the right host, or stand in for one that is down.

        Raises what the vault raises for a token it does not know.
        """
        self.plug_in()
        host = self.host_of(self._vault.reveal(tx, request.card_token))
        if stand_in.is_down(tx, host.name):
            return stand_in.decide(tx, host.name, request)
        return host.decide(tx, request)

    @property
    def host_names(self) -> tuple[str, ...]:
        """Every host, the default one first."""
        self.plug_in()
        return tuple(
            dict.fromkeys((self._default.name, self._guests.name, *(host.name for host in self._hosts.values())))
        )

    def is_down(self, tx: Any, host: str) -> bool:
        """Whether a host is down."""
        return stand_in.is_down(tx, host)

    def set_down(self, tx: Any, host: str, down: bool) -> None:
        """A host goes down, or comes up again and is told what was decided in its stead.

        Raises ConfigurationError for a host that there is not.
        """
        if host not in self.host_names:
            raise ConfigurationError(f"There is no host {host[:40]!r}.", f"There are: {', '.join(self.host_names)}")
        stand_in.set_down(tx, host, down)
        if not down:
            for advice in stand_in.advices(tx, host):
                self.decide(tx, advice)
