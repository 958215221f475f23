"""One API call from bytes to bytes: authenticate, route, check, execute in one transaction, render, remember.

The order of checks is the service's own (api-conventions §4): authentication, URL, version, expand, parameters,
then whatever the operation checks.  :meth:`Core.begin` is synchronous.  It returns the answer, or a :class:`Waiting`
when an injected fault delays it: nothing is held during the wait, and ``resume`` is a call of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from countertop.api import auth, expand, idempotency, params
from countertop.api.body import read_tree
from countertop.api.errors import ApiError, invalid, unavailable, unknown_url
from countertop.api.faults import ApiFaults
from countertop.api.http import Request, Response
from countertop.api.masking import shown_error, shown_parameters
from countertop.api.render import JSON, Renderer, encode
from countertop.api.scope import Call, Cause, Handler, Outside, UploadedFile
from countertop.errors import StoreUnavailable

if TYPE_CHECKING:
    from countertop.account_book import AccountBook
    from countertop.accounts import Account
    from countertop.api.catalog import Catalog, Endpoint
    from countertop.api.events import EventWriter
    from countertop.clock import Clock
    from countertop.feed import Feed
    from countertop.ids import IdSource
    from countertop.store import Store, Transaction

log = logging.getLogger("countertop.api")

CORS = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Expose-Headers", "Request-Id, Stripe-Version, Idempotent-Replayed, Original-Request"),
    ("Access-Control-Max-Age", "300"),
]
SHOWN_ONCE = frozenset(("POST /v1/ephemeral_keys",))
Slot = tuple[str, str]
"""(account id, idempotency key)."""
OUR_FAULT = "Countertop met a defect of its own; the server's log has the details. Please report it."


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that is not there yet: wait ``delay_ms`` of bench time, then call ``resume``.

    With ``ask`` it is somebody outside who is waited for: ``ask`` blocks and is called outside every lock, once what
    was written is durable; what it returns is given to ``resume``.  ``drop`` ends a wait that comes to nothing.
    """

    delay_ms: int
    resume: Callable[..., Response | Waiting]
    ask: Callable[[], Any] | None = None
    drop: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Exchange:
    """What is known of a call while it is being answered."""

    request: Request
    request_id: str
    version: str
    account: Account | None = None
    on_behalf: str | None = None
    idempotency_key: str | None = None
    shown: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A call that has passed every check made before execution."""

    account: Account
    key: auth.Key
    endpoint: Endpoint
    handler: Handler
    ids: Mapping[str, str]
    params: dict[str, Any]
    files: Mapping[str, UploadedFile]
    plan: expand.Plan | None
    fingerprint: str

    def slot(self, exchange: Exchange) -> Slot | None:
        """Where the answer is kept under the call's idempotency key; None when it has none.

        What a point of sale is answered is not kept: it may be a session key, and a token works once anyway.  Neither
        is an ephemeral key, whose secret stands nowhere but in that answer.
        """
        key = exchange.idempotency_key
        secret = self.key.is_bearer or self.endpoint.operation in SHOWN_ONCE
        return (self.account.id, key) if key is not None and not secret else None


class Core:
    """The pipeline, joined by the bench from the rooms around it."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        operation: Callable[[Endpoint], Handler | None],
        store: Store,
        clock: Clock,
        ids: IdSource,
        events: EventWriter,
        accounts: AccountBook,
        feed: Feed,
        renderer: Renderer,
        faults: ApiFaults,
        bearers: auth.Bearers,
    ) -> None:
        self._catalog = catalog
        self._operation = operation
        self._store = store
        self._clock = clock
        self._ids = ids
        self._events = events
        self._accounts = accounts
        self._feed = feed
        self._renderer = renderer
        self._faults = faults
        self._bearers = bearers
        self._in_flight: set[Slot] = set()
        self._keys: dict[str, auth.Key] = {}

    def begin(self, request: Request) -> Response | Waiting:
        """Answer a call, or say how long to wait first.  Never raises."""
        if request.method == "OPTIONS":
            return Response(200, b"", list(CORS))
        exchange = Exchange(request, self._ids.request_id(), self._catalog.api_version)
        try:
            return self._answer(exchange)
        except ApiError as error:
            return self._refuse(exchange, error)
        except StoreUnavailable as error:
            return self._refuse(exchange, unavailable(str(error)))
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return self._refuse(exchange, ApiError(500, "api_error", OUR_FAULT, keep=False))

    # --- the steps ----------------------------------------------------------------------------------------------

    def _answer(self, exchange: Exchange) -> Response | Waiting:
        job = self._check(exchange)
        if isinstance(job, Response):
            return job
        slot = job.slot(exchange)
        if slot is not None:
            kept = self._recall(exchange, slot, job.fingerprint)
            if kept is not None:
                return kept
        fault = self._faults.take(exchange.request.path)
        if fault is None:
            return self._run(exchange, job)
        if fault.before:
            raise fault.error()
        if not fault.delay_ms:
            answer = self._run(exchange, job)
            return fault.after(answer) if isinstance(answer, Response) else answer
        self._begin_flight(slot)

        def resume() -> Response | Waiting:
            self._end_flight(slot)
            return self._run(exchange, job)

        return Waiting(fault.delay_ms, resume)

    def _check(self, exchange: Exchange) -> Job | Response:
        """Everything before execution, in the documented order."""
        request = exchange.request
        key = self._key(request)
        exchange.account = account = self._account(key, exchange)
        matched = self._catalog.match(request.method, request.path)
        endpoint = matched.endpoint if matched is not None else None
        auth.check_reach(key, None if endpoint is None or endpoint.v2 else endpoint.operation)
        if matched is None or endpoint is None:
            raise unknown_url(request.method, request.path)
        if endpoint.v2:
            return self._v2(exchange, endpoint)
        self._version(exchange)
        tree, files = read_tree(request)
        if self._feed.watched:
            exchange.shown = shown_parameters(tree)
        fingerprint = self._idempotency(exchange, tree)
        plan = expand.plan_for(self._catalog, endpoint, tree.pop("expand")) if "expand" in tree else None
        checked = params.check(endpoint.params, tree)
        handler = self._operation(endpoint)
        if handler is None:
            raise unknown_url(request.method, request.path)
        return Job(account, key, endpoint, handler, matched.ids, checked, files, plan, fingerprint)

    def _run(self, exchange: Exchange, job: Job, handler: Handler | None = None) -> Response | Waiting:
        """Execute in one transaction.  Never raises; a failure is an answer too, and is kept under the key.

        ``handler``: what goes on with a call once somebody outside was asked; by default the operation's own.
        """
        slot = job.slot(exchange)
        try:
            with self._store.transaction() as tx:
                response = self._execute(exchange, job, tx, handler or job.handler)
                if isinstance(response, Response):
                    if slot is not None:
                        self._keep(tx, exchange, slot, job.fingerprint, response)
                    return self._finish(exchange, response)
            return self._ask(exchange, job, response)
        except ApiError as error:
            failure = error
        except StoreUnavailable as error:
            return self._refuse(exchange, unavailable(str(error)))
        except Exception:
            log.exception("%s %s failed", exchange.request.method, exchange.request.path)
            failure = ApiError(500, "api_error", OUR_FAULT)
        response = self._error_response(exchange, failure)
        if slot is not None and failure.keep:
            try:
                with self._store.transaction() as tx:
                    self._keep(tx, exchange, slot, job.fingerprint, response)
            except StoreUnavailable as error:
                return self._refuse(exchange, unavailable(str(error)))
        return self._finish(exchange, response)

    def _ask(self, exchange: Exchange, job: Job, outside: Outside) -> Waiting:
        """Wait for somebody outside; until then the call's idempotency key is in use."""
        slot = job.slot(exchange)
        self._begin_flight(slot)

        def resume(said: Any) -> Response | Waiting:
            self._end_flight(slot)
            return self._run(exchange, job, lambda call: outside.then(call, said))

        return Waiting(0, resume, outside.ask, lambda: self._end_flight(slot))

    def _execute(self, exchange: Exchange, job: Job, tx: Transaction, handler: Handler) -> Response | Outside:
        cause = Cause(exchange.request_id, exchange.idempotency_key)
        call = Call(job.account, tx, self._clock, self._ids, self._events, self._feed, cause)
        call.params, call.path, call.files = job.params, job.ids, job.files
        call.url, call.key_kind = exchange.request.path, job.key.kind
        call.plan = job.plan
        if job.key.is_bearer:
            call.bearer_key = f"{job.key.kind}_test_{job.key.suffix}"
        try:
            result = handler(call)
            return result if isinstance(result, Outside) else self._renderer.render(call, result, job.plan)
        except ApiError as error:
            if not error.commits:
                raise
            return self._error_response(exchange, error)

    def _begin_flight(self, slot: Slot | None) -> None:
        if slot is not None:
            self._in_flight.add(slot)

    def _end_flight(self, slot: Slot | None) -> None:
        if slot is not None:
            self._in_flight.discard(slot)

    def _key(self, request: Request) -> auth.Key:
        text = request.headers.get("authorization", "")
        key = self._keys.get(text)
        if key is None:
            key = auth.read_key(request.headers)
            if len(self._keys) >= 1_000:
                self._keys.clear()
            self._keys[text] = key
        return key

    def _account(self, key: auth.Key, exchange: Exchange) -> Account:
        own = self._bearers(key) if key.is_bearer else self._accounts.for_suffix(key.suffix)
        named = exchange.request.headers.get("stripe-account")
        if named is None:
            context = exchange.request.headers.get("stripe-context")
            named = context.rpartition("/")[2] if context else None
        if not named or named == own.id:
            return own
        connected = self._accounts.by_id(named)
        if connected is None or connected.platform != own.id:
            raise auth.not_connected(key, named)
        exchange.on_behalf = named
        return connected

    def _version(self, exchange: Exchange) -> None:
        asked = exchange.request.headers.get("stripe-version")
        if asked is None:
            return
        if asked.partition(";")[0].strip() not in self._catalog.versions:
            raise invalid(f"Invalid Stripe API version: {asked[:80]}", keep=False)
        exchange.version = asked

    def _idempotency(self, exchange: Exchange, tree: dict[str, Any]) -> str:
        request = exchange.request
        key = request.headers.get("idempotency-key")
        if key is None or request.method != "POST":
            return ""
        idempotency.check_key(key)
        exchange.idempotency_key = key
        return idempotency.fingerprint(request.method, request.path, tree)

    def _recall(self, exchange: Exchange, slot: Slot, fingerprint: str) -> Response | None:
        if slot in self._in_flight:
            raise idempotency.in_use()
        with self._store.transaction() as tx:
            kept = idempotency.recall(tx, slot[0], slot[1], self._clock.now_ms())
        if kept is None:
            return None
        if kept.fingerprint != fingerprint:
            raise idempotency.mismatch(slot[1])
        response = Response(kept.status, kept.body)
        response.headers += [("Idempotent-Replayed", "true"), ("Original-Request", kept.request_id)]
        return self._finish(exchange, response)

    def _keep(self, tx: Transaction, exchange: Exchange, slot: Slot, fingerprint: str, response: Response) -> None:
        now_ms = self._clock.now_ms()
        kept = idempotency.Kept(fingerprint, response.status, exchange.request_id, now_ms, response.body)
        idempotency.keep(tx, slot[0], slot[1], kept, self._clock.now())
        response.headers.append(("Original-Request", exchange.request_id))

    def _v2(self, exchange: Exchange, endpoint: Endpoint) -> Response:
        message = f"Countertop routes {endpoint.operation} but does not imitate API v2 yet."
        body = {"error": {"code": "not_implemented", "message": message, "type": "api_error"}}
        response = Response(501, encode(body), [("Stripe-Should-Retry", "false")])
        return self._finish(exchange, response)

    # --- answers ------------------------------------------------------------------------------------------------

    def _refuse(self, exchange: Exchange, error: ApiError) -> Response:
        return self._finish(exchange, self._error_response(exchange, error))

    def _error_response(self, exchange: Exchange, error: ApiError) -> Response:
        log_url = None
        if exchange.account is not None:
            log_url = (
                f"https://dashboard.stripe.com/{exchange.account.id}/test/workbench/logs?object={exchange.request_id}"
            )
        return Response(error.status, encode(error.body(log_url)), list(error.headers))

    def _finish(self, exchange: Exchange, response: Response) -> Response:
        headers = response.headers
        headers.append(("Request-Id", exchange.request_id))
        headers.append(("Stripe-Version", exchange.version))
        if exchange.idempotency_key is not None:
            headers.append(("Idempotency-Key", exchange.idempotency_key))
        if exchange.on_behalf is not None:
            headers.append(("Stripe-Account", exchange.on_behalf))
        headers.append(CORS[0])
        if self._feed.watched:
            self._publish(exchange, response)
        return response

    def _publish(self, exchange: Exchange, response: Response) -> None:
        data: dict[str, Any] = {
            "method": exchange.request.method,
            "path": exchange.request.path,
            "params": exchange.shown or {},
            "status": response.status,
            "request": exchange.request_id,
            "account": exchange.account.id if exchange.account else None,
        }
        if response.status >= 400 and response.content_type == JSON:
            data["error"] = shown_error(orjson.loads(response.body)["error"])
        self._feed.publish(self._clock.now_ms(), "request", data)
