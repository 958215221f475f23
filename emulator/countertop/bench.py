"""The bench: one emulated world, built and joined from its rooms.

A bench is a clock, a store, accounts, readers and the API around them.  Without arguments it is virtual: in memory,
in virtual time, the same on every run.  ``with Bench() as bench:`` works anywhere; in pytest it is the ``bench``
fixture; ``countertop up`` keeps one behind a server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from countertop import seeding, snapshots
from countertop.accounts import Account
from countertop.api.core import Waiting
from countertop.api.http import Request, Response
from countertop.call import CallFailed, form_of, result_of
from countertop.cards import Phone
from countertop.clock import Clock
from countertop.counter import Reader, open_reader
from countertop.errors import WaitExpired
from countertop.issued_cards import IssuedCard, issue
from countertop.services.billing_portal import page as portal_page
from countertop.services.issuing.settings import change_settings
from countertop.services.terminal import traces
from countertop.webhooks.deliveries import endpoint_of
from countertop.webhooks.inbox import URL as INBOX_URL
from countertop.webhooks.inbox import Inbox, Received
from countertop.webhooks.sender import Sender
from countertop.world import World

if TYPE_CHECKING:
    import stripe

    from countertop.api.scope import Scope
    from countertop.services.issuing import Issuing
    from countertop.services.issuing.real_time import Decider
    from countertop.store import Store, Transaction
    from countertop.vault import Vault

__all__ = ["DEFAULT_KEY", "Bench", "CallFailed"]

T = TypeVar("T")
DEFAULT_KEY = "sk_test_counter"
MOST_FIRINGS = 1_000_000
LONGEST_STEP_MS = 100 * 366 * 86_400_000


class Bench:
    """One emulated world with hands.

    ``seed`` decides every id and other random choice.  ``accounts`` maps keys (``sk_test_X``) to a country or to
    settings, ``issuing`` keys to settings of Issuing (:meth:`configure_issuing`).  ``clock``, ``store`` and ``vault``
    are given by ``countertop up``; by default all three are virtual.
    """

    def __init__(
        self,
        *,
        seed: int | str = 0,
        accounts: Mapping[str, str | Mapping[str, Any]] | None = None,
        issuing: Mapping[str, Mapping[str, Any]] | None = None,
        clock: Clock | None = None,
        store: Store | None = None,
        vault: Vault | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self._depth = 0
        self.world = World(seed=seed, clock=clock, store=store, vault=vault, transact=self._device_work)
        self.clock = self.world.clock
        self.store = self.world.store
        self.feed = self.world.feed
        self.devices = self.world.devices
        self.faults = self.world.faults
        self._announced: list[tuple[str, str]] = []
        self.world.deliveries.announce = self._announce
        self._post: Callable[[Callable[[], Any]], Any] | None = None
        self._owner = 0
        self._inboxes: dict[str, Inbox] = {}
        self._sender: Sender | None = None
        for name, settings in (accounts or {}).items():
            self.configure_account(name, **({"country": settings} if isinstance(settings, str) else settings))
        for name, issued in (issuing or {}).items():
            self.configure_issuing(name, **issued)
        self.run(self.world.wake)

    # --- ownership ----------------------------------------------------------------------------------------------

    def run(self, work: Callable[[], T]) -> T:
        """Do something with the world: under its lock, or at its owner once a server runs it."""
        if self._post is not None and threading.get_ident() != self._owner:
            result: T = self._post(work)
            return result
        with self.lock:
            self._depth += 1
            try:
                result = work()
                if not self.store.dirty:
                    self.settle()
            finally:
                self._depth -= 1
            outermost = self._depth == 0
        if outermost and self._post is None:
            self._run_errands()
        return result

    def own(self, post: Callable[[Callable[[], Any]], Any] | None) -> None:
        """A server takes the world over (or gives it back with None): other threads' work goes through ``post``."""
        self._post = post
        self._owner = threading.get_ident() if post is not None else 0

    def settle(self) -> None:
        """Start the webhook deliveries of what has become durable."""
        while self._announced:
            account, delivery = self._announced.pop(0)
            inbox = self._inboxes.get(endpoint_of(delivery))
            if inbox is None:
                self._http_sender().announce(account, delivery)
                continue
            with self.store.transaction() as tx:
                shipment = self.world.deliveries.prepare(tx, account, delivery)
            if shipment is not None:
                outcome = inbox.take(shipment)
                with self.store.transaction() as tx:
                    self.world.deliveries.record(tx, shipment, outcome)

    def _run_errands(self) -> None:
        """Without a server the thread whose work led to a question asks it, once it holds nothing any more."""
        for errand in self.world.errands.take():
            self.transact(errand.told(errand.ask()))

    # --- the API ------------------------------------------------------------------------------------------------

    def begin(self, request: Request) -> Response | Waiting:
        """Answer an API call, or say how long an injected fault delays it.  Never raises for a bad request."""
        return self.run(lambda: self.world.core.begin(request))

    def handle(self, request: Request) -> Response:
        """Answer an API call.  A delay passes in virtual time; in real time the calling thread sleeps it out."""
        answer = self.begin(request)
        while isinstance(answer, Waiting):
            resume = answer.resume
            if answer.ask is not None:
                answer = self.run(partial(resume, answer.ask()))
            else:
                self.pass_time(answer.delay_ms)
                answer = self.run(resume)
        return answer

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        key: str = DEFAULT_KEY,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """An API call without an SDK; returns the decoded answer.  Raises CallFailed for an error envelope."""
        form = form_of(params or {})
        sent = {"authorization": f"Bearer {key}", **{name.lower(): value for name, value in (headers or {}).items()}}
        if method == "POST":
            return result_of(self.handle(Request(method, path, "", sent, form.encode())))
        return result_of(self.handle(Request(method, path, form, sent)))

    def client(self, key: str = DEFAULT_KEY) -> stripe.StripeClient:
        """The official SDK's client, wired to this bench without sockets.  Raises MissingExtra without ``[sdk]``."""
        from countertop.sdk import client_for

        return client_for(self, key)

    # --- accounts, readers, webhooks ----------------------------------------------------------------------------

    def account(self, key: str = DEFAULT_KEY) -> Account:
        """The account behind a key."""
        return self.run(lambda: self.world.accounts.find(key))

    def configure_account(self, key: str, **settings: Any) -> Account:
        """Set what only a dashboard could: country, default_currency, mcc, business_name, statement_descriptor."""
        return self.run(lambda: self.world.accounts.configure(key, **settings))

    def reader(
        self, *, key: str = DEFAULT_KEY, model: str = "bbpos_wisepos_e", simulated: bool = True, label: str = ""
    ) -> Reader:
        """A smart reader of the account's country, registered and ready on the counter.

        ``simulated``: registered by its model's simulator code (``simulated-wpe``), so that test helpers work on it;
        otherwise a device out of its box, registered by the pairing code on its screen.
        Raises ConfigurationError for a model that there is not in that country, and ReaderError for one without a
        simulator, or without a pairing code.
        """
        return open_reader(self, key, model=model, simulated=simulated, label=label)

    def find_reader(self, reader: str) -> Reader:
        """The hands for a reader registered by API: by its ``tmr_`` id.  Raises ReaderError when there is none."""
        return Reader(self, reader)

    def phone(self, wallet: str = "apple_pay", card: str = "visa", *, locked: bool = False) -> Phone:
        """A phone with a test card in its wallet (``apple_pay``, ``google_pay``, ``samsung_pay``), to be tapped.

        Raises UnknownCard for a wallet that there is not, or that does not take the card.
        """
        return Phone(wallet, card, locked=locked)

    # --- issuing ------------------------------------------------------------------------------------------------

    def issue_card(
        self,
        *,
        key: str = DEFAULT_KEY,
        holder: str | None = None,
        type: str = "physical",
        status: str = "inactive",
        **options: Any,
    ) -> IssuedCard:
        """Issue a card in the account's currency, to a new cardholder unless ``holder`` names one.

        ``options``: more parameters of the API.  A physical card is in a parcel: ``card.parcel.deliver()``, then
        ``card.activate()``.  The Issuing balance begins at nothing: :meth:`fund_issuing`.  Raises CallFailed.
        """
        return issue(self, key, holder=holder, type=type, status=status, options=options)

    def issued_card(self, card: str, *, key: str = DEFAULT_KEY) -> IssuedCard:
        """The hands for a card that was issued by API: by its ``ic_`` id."""
        return IssuedCard(self, card, key)

    def fund_issuing(self, amount: int, currency: str | None = None, *, key: str = DEFAULT_KEY) -> None:
        """Put money into the Issuing balance: minor units, of the account's currency by default."""
        given = {"amount": amount, "currency": currency or self.account(key).default_currency}
        self.call("POST", "/v1/test_helpers/issuing/fund_balance", given, key=key)

    @contextmanager
    def authorizations(self, decide: Decider, *, key: str = DEFAULT_KEY) -> Iterator[None]:
        """Have a function decide about real-time authorizations of an account's cards for a while.

        It takes the event ``issuing_authorization.request`` and answers True, False, what a web address would answer
        (``{"approved": True, "amount": 500}``), or None for a time-out.
        """
        deciders, account = self.world.services.issuing.real_time, self.account(key).id
        before = deciders.decide_by(account, decide)
        try:
            yield
        finally:
            deciders.decide_by(account, before)

    def configure_issuing(self, key: str = DEFAULT_KEY, **settings: Any) -> None:
        """Set what only a dashboard could: real_time_url, real_time_default, parcels, review_s, rates, enabled, …

        Raises ConfigurationError for a setting that there is not.
        """
        account = (self.world.accounts.by_id(key) or self.account(key)).id
        self.transact(lambda tx: change_settings(tx, account, self.world.ids, settings))

    def in_issuing(self, key: str, work: Callable[[Issuing, Scope], T]) -> T:
        """Do something in the room of Issuing, with a scope of an account, by its key or its id."""
        room = self.world.services.issuing
        account = self.world.accounts.by_id(key) or self.account(key)
        return self.transact(lambda tx: work(room, self.world.scope(tx, account)))

    def unbox(self, country: str = "US", model: str = "bbpos_wisepos_e") -> str:
        """A new device that boots and shows a pairing code; returns its serial number."""
        return self.transact(lambda tx: self.devices.unbox(tx, model, country))

    def inbox(
        self,
        *events: str,
        key: str = DEFAULT_KEY,
        answer: Callable[[Received], int | None] | None = None,
    ) -> Inbox:
        """A webhook endpoint (for all events unless some are named) whose deliveries are kept for the test."""
        made = self.call(
            "POST", "/v1/webhook_endpoints", {"url": INBOX_URL, "enabled_events": list(events) or ["*"]}, key=key
        )
        inbox = self._inboxes[made["id"]] = Inbox(made["id"], made["secret"], answer)
        return inbox

    def wait_for_deliveries(self, timeout_s: float = 10.0) -> None:
        """Wait (wall time) until no delivery to a real URL is queued or under way.  Raises WaitExpired."""
        if self._sender is not None and not self._sender.wait_quiet(timeout_s):
            raise WaitExpired(f"Webhook deliveries were still under way after {timeout_s:g} s.")

    def issuer_down(self, down: bool = True, host: str = "test-cards") -> None:
        """An issuer's host goes down, so that the network stands in for it; or comes up again and is told.

        Raises ConfigurationError for a host that there is not.
        """
        self.transact(lambda tx: self.world.network.set_down(tx, host, down))

    def issuer_script(self, card: str, script: str, *, pin: str | None = None) -> None:
        """Have the issuer of a test card send it a script with the next payment it makes in a slot: ``change_pin``
        (with the new PIN), ``unblock_pin``, ``block_application``, ``block_card``.

        Raises UnknownCard, and ConfigurationError for another script.
        """
        self.transact(lambda tx: self.world.send_script(tx, card, script, pin))

    def trace(self, name: str = "latest") -> dict[str, Any] | None:
        """The trace of a transaction, by the id of its PaymentIntent (SetupIntent, Charge), or the latest; None when
        there is none.  docs/traces.md says what is in it."""
        accounts = self.world.accounts.ids()
        return self.transact(lambda tx: traces.find(tx, accounts, name))

    # --- time ---------------------------------------------------------------------------------------------------

    def advance(self, *, milliseconds: int = 0, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Let time pass: everything that falls due on the way happens, in order, each at its own instant.

        Raises ValueError for a negative step, and for one of more than a century.
        """
        wanted = milliseconds + 1000 * (seconds + 60 * minutes + 3600 * hours)
        if not 0 <= wanted <= LONGEST_STEP_MS:
            raise ValueError("time never goes back, and passes by a century at most: advance by 0 or more")
        step = round(wanted)
        self.run(lambda: self._advance_to(self.clock.now_ms() + step))

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass as the clock has it: advance a virtual one, sleep out a real one."""
        if self.clock.is_virtual:
            self.advance(milliseconds=milliseconds)
        else:
            threading.Event().wait(milliseconds / 1000 / self.clock.speed)

    def run_due(self) -> None:
        """Fire the timers that are due now."""
        self.run(lambda: self._advance_to(self.clock.now_ms()))

    def _advance_to(self, target_ms: int) -> None:
        timers = self.world.timers
        for _ in range(MOST_FIRINGS):
            due = timers.next_due_ms()
            if due is None or due > target_ms:
                break
            self.clock.advance_to(due)
            timers.fire_due(self.store)
            if not self.store.dirty:
                self.settle()
        self.clock.advance_to(target_ms)

    # --- pages --------------------------------------------------------------------------------------------------

    def page(self, path: str) -> tuple[int, str] | None:
        """(status, HTML) of a page behind some object's ``url``; None when there is no such page."""
        return self.transact(lambda tx: portal_page.show(tx, self.clock, path))

    # --- the world as a whole -----------------------------------------------------------------------------------

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Do something in one transaction."""

        def inside() -> T:
            with self.store.transaction() as tx:
                return work(tx)

        return self.run(inside)

    def load(self, objects: Iterable[Mapping[str, Any]], *, key: str = DEFAULT_KEY) -> int:
        """Seed objects in the API's own JSON shape with the ids they carry; returns how many.

        Raises ConfigurationError naming the object and what the catalog says against it; then nothing is loaded.
        """
        return self.run(lambda: seeding.load_objects(self.world, self.world.accounts.find(key), objects))

    def reset(self) -> None:
        """Empty the world: objects, accounts, readers, timers, faults.  The clock goes on."""
        self.run(self.world.reset)
        self._inboxes.clear()
        self._announced.clear()

    def snapshot(self) -> bytes:
        """The whole world as bytes.  Raises ReaderError while a sale is under way."""
        return self.run(lambda: snapshots.take(self.world))

    def restore(self, data: bytes) -> None:
        """Make the world what it was; readers boot as after a power cut.  Raises ConfigurationError for other bytes."""
        self.run(lambda: snapshots.put_back(self.world, data))

    def close(self) -> None:
        """End the webhook workers and close the store."""
        if self._sender is not None:
            self._sender.close()
        self.store.close()

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- inner --------------------------------------------------------------------------------------------------

    def _device_work(self, work: Callable[[Transaction], None]) -> None:
        with self.store.transaction() as tx:
            work(tx)

    def _announce(self, account: str, delivery: str) -> None:
        self._announced.append((account, delivery))

    def _http_sender(self) -> Sender:
        if self._sender is None:
            deliveries = self.world.deliveries
            self._sender = Sender(
                prepare=lambda account, delivery: self.transact(lambda tx: deliveries.prepare(tx, account, delivery)),
                record=lambda shipment, outcome: self.transact(lambda tx: deliveries.record(tx, shipment, outcome)),
            )
        return self._sender
