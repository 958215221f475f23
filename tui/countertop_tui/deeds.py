"""What was done from the screens, as anybody could do it elsewhere: the command line, and the calls to the server."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """A request, as ``curl`` sends it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None

    def curl(self, url: str) -> str:
        """The command line of the same request."""
        words = ["curl"]
        key = self.headers.get("authorization", "").removeprefix("Bearer ")
        if key:
            words += ["-u", f"{key}:"]
        if self.method != "GET" and not (self.method == "POST" and self.body):
            words += ["-X", self.method]
        if self.body:
            words += ["-d", self.body.decode("utf-8", "replace")]
        return shlex.join([*words, f"{url}{self.path}"])


@dataclass(slots=True)
class Deed:
    """Something that was done.  ``command``: empty when the command line has none."""

    title: str
    command: str = ""
    calls: list[Call] = field(default_factory=list)

    def asked(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Told by the client of each request."""
        self.calls.append(Call(method, path, dict(headers), body))

    def curl(self, url: str) -> str:
        """All requests, a line each."""
        return "\n".join(call.curl(url) for call in self.calls)
