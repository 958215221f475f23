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
    answer = owner.bench.begin(request)
    if isinstance(answer, Waiting):
        resume = answer.resume
        delay = answer.delay_ms / 1000 / (owner.bench.clock.speed or 1.0)
        owner.loop.call_later(delay, lambda: _when_durable(owner, owner.bench.run(resume), reply))
    else:
        _when_durable(owner, answer, reply)


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
