"""Links for asyncio: nobody else waits, and who is cancelled leaves a link that works."""

from __future__ import annotations

import asyncio
import threading

import pytest
from usb_bench import T0_ATR, card

import countertop_drivers as drivers
from countertop_drivers import aio
from countertop_drivers.aio import AsyncCardLink, AsyncSwipeLink, open_async
from countertop_drivers.link import Closing, Swipe
from countertop_drivers.loop import LoopLink

COMMAND, ANSWER = bytes.fromhex("80A8000203010203"), bytes.fromhex("01029000")
PATIENCE_S = 5.0


class Slow:
    """A card that answers a command when it is told to; what it does is written down."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go_on = threading.Event()
        self.done: list[str] = []
        self.busy = 0

    def answer(self, apdu: bytes) -> bytes:
        self.busy += 1
        assert self.busy == 1, "two calls at once"
        self.began.set()
        assert self.go_on.wait(PATIENCE_S)
        self.done.append(apdu.hex())
        self.busy -= 1
        return b"\x90\x00"

    async def begin(self) -> None:
        """Wait until a command is with the card."""
        await asyncio.get_running_loop().run_in_executor(None, self.began.wait, PATIENCE_S)


class Stripes(Closing):
    def __init__(self) -> None:
        self.closed = 0
        self.passes = [Swipe((None, b"1", None)), None]

    def read(self, timeout_s: float) -> Swipe | None:
        if not self.passes:
            raise drivers.DeviceGone("The reader is gone.")
        return self.passes.pop(0)

    def close(self) -> None:
        self.closed += 1


def test_a_card_and_its_failures():
    async def run() -> None:
        inner = card()
        async with AsyncCardLink(inner) as link:
            assert await link.present()
            with pytest.raises(drivers.CardAbsent, match="no power"):
                await link.transmit(COMMAND)
            assert await link.power_on() == T0_ATR
            assert await link.transmit(COMMAND) == ANSWER
            assert await link.wait(True, 1)
            await link.power_off()
            inner.take_away()
            assert not await link.present()
            with pytest.raises(drivers.CardAbsent):
                await link.power_on()

    asyncio.run(run())


def test_a_reader_of_stripes():
    async def run() -> None:
        inner = Stripes()
        async with AsyncSwipeLink(inner) as link:
            assert await link.read(1) == Swipe((None, b"1", None))
            assert await link.read(0) is None
            with pytest.raises(drivers.DeviceGone):
                await link.read(0)
        assert inner.closed == 1

    asyncio.run(run())


def test_nobody_else_waits_for_a_card():
    async def run() -> None:
        slow = Slow()
        async with AsyncCardLink(LoopLink(T0_ATR, slow.answer)) as link:
            await link.power_on()
            running = asyncio.create_task(link.transmit(b"\x01" * 4))
            await slow.begin()
            for _ in range(100):
                await asyncio.sleep(0)
            assert not running.done()
            slow.go_on.set()
            assert await running == b"\x90\x00"

    asyncio.run(run())


def test_the_next_call_waits_for_one_that_was_cancelled():
    async def run() -> None:
        slow = Slow()
        async with AsyncCardLink(LoopLink(T0_ATR, slow.answer)) as link:
            await link.power_on()
            running = asyncio.create_task(link.transmit(b"\x01" * 4))
            await slow.begin()
            queued = asyncio.create_task(link.transmit(b"\x02" * 4))
            following = asyncio.create_task(link.transmit(b"\x03" * 4))
            await asyncio.sleep(0)
            running.cancel()
            queued.cancel()
            for task in (running, queued):
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert slow.done == []
            slow.go_on.set()
            assert await following == b"\x90\x00"
            # The one that the card had is finished; the one that nobody had begun never was.
            assert slow.done == ["01" * 4, "03" * 4]

    asyncio.run(run())


def test_a_time_limit_around_a_call():
    async def run() -> None:
        slow = Slow()
        async with AsyncCardLink(LoopLink(T0_ATR, slow.answer)) as link:
            await link.power_on()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(link.transmit(b"\x01" * 4), 0.01)
            slow.go_on.set()
            assert await link.transmit(b"\x02" * 4) == b"\x90\x00"

    asyncio.run(run())


class Closed(Closing):
    """Remembers whether it was closed."""

    def __init__(self, inner: LoopLink) -> None:
        self.inner = inner
        self.closed = threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def close(self) -> None:
        assert not self.closed.is_set(), "closed twice"
        self.closed.set()


def test_who_is_cancelled_while_closing_leaves_a_link_that_closes():
    async def run() -> None:
        slow = Slow()
        inner = Closed(LoopLink(T0_ATR, slow.answer))
        link = AsyncCardLink(inner)
        await link.power_on()
        running = asyncio.create_task(link.transmit(b"\x01" * 4))
        await slow.begin()
        closing = asyncio.create_task(link.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert not inner.closed.is_set()
        slow.go_on.set()
        assert await running == b"\x90\x00"
        assert await asyncio.get_running_loop().run_in_executor(None, inner.closed.wait, PATIENCE_S)

    asyncio.run(run())


def test_a_link_that_was_closed():
    async def run() -> None:
        link = AsyncCardLink(Closed(card()))
        await link.close()
        await link.close()
        with pytest.raises(drivers.DriverError, match=r"was closed.*Open its URL again"):
            await link.power_on()

    asyncio.run(run())


def test_by_url(tmp_path):
    async def run() -> None:
        link = await open_async("loop:3B00", tmp_path / "trace.json")
        assert isinstance(link, AsyncCardLink)
        async with link:
            assert await link.power_on() == b"\x3b\x00"
        with pytest.raises(drivers.UnknownDriver):
            await open_async("abacus:")

    asyncio.run(run())
    assert '"hex": "3B00"' in (tmp_path / "trace.json").read_text()


@pytest.mark.parametrize("late", [True, False])
def test_who_is_cancelled_while_opening_leaves_nothing_open(monkeypatch, late):
    began, go_on, opened = threading.Event(), threading.Event(), Closed(card())

    def open_slowly(url: str, record: object) -> Closed:
        began.set()
        assert go_on.wait(PATIENCE_S)
        return opened

    monkeypatch.setattr(aio, "open", open_slowly)

    async def run() -> None:
        opening = asyncio.create_task(open_async("slow:"))
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, began.wait, PATIENCE_S)
        if not late:
            go_on.set()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        go_on.set()
        assert await loop.run_in_executor(None, opened.closed.wait, PATIENCE_S)

    asyncio.run(run())
