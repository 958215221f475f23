"""The command line of the demo."""

from __future__ import annotations

import threading

import click


@click.command()
@click.option("--keep", is_flag=True, help="Leave the server up afterwards, until Ctrl-C.")
@click.option("--port", default=0, show_default="a free one", help="Port of the demo's server.")
def main(keep: bool, port: int) -> None:
    """A day at three shops: virtual readers and chips, the official SDK, and what happens between them."""
    from countertop.bench import Bench
    from countertop.clock import Clock
    from countertop.demo.story import tell
    from countertop.server import LiveServer

    with Bench(seed="demo", clock=Clock.real(speed=2.0)) as bench, LiveServer(bench, port=port) as server:
        tell(bench, server.url, click.echo)
        if keep:
            click.echo(f"\nThe server stays up at {server.url} (Ctrl-C ends it).")
            threading.Event().wait()
