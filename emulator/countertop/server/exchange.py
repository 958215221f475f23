"""One API call behind a server: begun, waited for, and answered once its commit is done.

Both roads in use it: the direct one (:mod:`countertop.server.wire`) and ASGI (:mod:`countertop.server.app`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from countertop.api.core import Waiting
from countertop.api.errors import unavailable
from countertop.api.http import Request, Response
from countertop.api.render import encode
from countertop.errors import StoreUnavailable

if TYPE_CHECKING:
    from countertop.server.group import Outcome
    from countertop.server.owner import Owner

KEPT_ON_FAILURE = frozenset({"Request-Id", "Stripe-Version", "Access-Control-Allow-Origin"})


def exchange(owner: Owner, request: Request, reply: Callable[[Response], None]) -> None:
    """Do a call on the loop's thread; ``reply`` gets its answer, now or later, exactly once.

    An injected delay passes in bench time.  A clock that stands still delays by the wall: the client at the other
    end has a real time limit.
    """
    _go_on(owner, owner.bench.begin(request), reply)


def _go_on(owner: Owner, answer: Response | Waiting, reply: Callable[[Response], None]) -> None:
    if isinstance(answer, Response):
        _when_durable(owner, answer, reply)
        return
    resume = answer.resume
    if answer.ask is not None:
        ask, drop = answer.ask, answer.drop

        def durable(outcome: Outcome) -> None:
            if outcome is None:
                owner.ask(ask, lambda said: _go_on(owner, owner.bench.run(lambda: resume(said)), reply))
            else:
                drop()
                reply(_refused(Response(503, b""), outcome))

        owner.alarm.check()
        if owner.store.dirty:
            owner.group.join(durable)
        else:
            owner.streams.release()
            durable(None)
        return
    delay = answer.delay_ms / 1000 / (owner.bench.clock.speed or 1.0)
    owner.loop.call_later(delay, lambda: _go_on(owner, owner.bench.run(resume), reply))


def _when_durable(owner: Owner, answer: Response, reply: Callable[[Response], None]) -> None:
    owner.alarm.check()
    if not owner.store.dirty:
        owner.streams.release()
        reply(answer)
        return

    def tell(outcome: Outcome) -> None:
        reply(answer if outcome is None else _refused(answer, outcome))

    owner.group.join(tell)


def _refused(answer: Response, outcome: StoreUnavailable) -> Response:
    error = unavailable(str(outcome))
    headers = [pair for pair in answer.headers if pair[0] in KEPT_ON_FAILURE]
    return Response(error.status, encode(error.body()), headers)
