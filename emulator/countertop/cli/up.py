"""``countertop up``: the server on the desk."""

from __future__ import annotations

from pathlib import Path

import click

from countertop.errors import ConfigurationError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=4242, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option(
    "--reader-port", type=int, help="Port of the readers' local links, on loopback.  [default: 4443, or a free one]"
)
@click.option("--data", type=click.Path(dir_okay=False, path_type=Path), help="File that keeps the world.")
@click.option("--memory", is_flag=True, help="Keep nothing: the world is gone when the server stops.")
@click.option("--readers", type=click.IntRange(0, 100_000), help="See to it that there are this many WisePOS E.")
@click.option("--fleet", type=click.Path(dir_okay=False, path_type=Path), help="TOML file that declares readers.")
@click.option("--account", "accounts", multiple=True, metavar="KEY=COUNTRY", help="Country of an account; repeatable.")
@click.option("--forward-to", metavar="URL", help="Send signed webhooks there.")
@click.option("--events", default="", metavar="A,B", help="Only these event types, with --forward-to.")
@click.option("--authorizations-to", metavar="URL", help="Ask there about authorizations of issued cards.")
@click.option(
    "--authorizations-default",
    type=click.Choice(["approve", "decline"]),
    help="What holds when no usable answer comes.  [default: decline]",
)
@click.option(
    "--parcels", type=click.Choice(["manual", "auto"]), help="Whether parcels move by themselves.  [default: manual]"
)
@click.option("--seed", help="Source of ids; the same seed gives the same ids.")
@click.option("--speed", type=click.FloatRange(0, 1_000_000), default=1.0, help="Seconds per second; 0 stands still.")
@click.option("--load", "load", type=click.Path(dir_okay=False, path_type=Path), help="JSON file of objects to load.")
def up(
    host: str,
    port: int,
    reader_port: int | None,
    data: Path | None,
    memory: bool,
    readers: int | None,
    fleet: Path | None,
    accounts: tuple[str, ...],
    forward_to: str | None,
    events: str,
    authorizations_to: str | None,
    authorizations_default: str | None,
    parcels: str | None,
    seed: str | None,
    speed: float,
    load: Path | None,
) -> None:
    """Start the server: the API, virtual readers, webhooks. It runs until Ctrl-C."""
    if memory and data is not None:
        raise ConfigurationError("--memory and --data exclude each other.", "Leave one of them out.")
    if readers is not None and fleet is not None:
        raise ConfigurationError("--readers and --fleet exclude each other.", "Declare all readers in the fleet file.")
    if events and forward_to is None:
        raise ConfigurationError("--events says which events to forward, but not where to.", "Add --forward-to URL")
    from countertop.cli.fleet_file import read_fleet
    from countertop.cli.greeting import Facts, greeting
    from countertop.cli.opening import data_file, open_bench
    from countertop.cli.set_up import Wishes, given, prepare, read_objects_of
    from countertop.server import listen, serve, url_of
    from countertop.server.listen import is_loopback
    from countertop.server.reader_link import link_domain, listen_for_pos

    # Files and port first: a start that fails on them must not touch the data file.
    planned = None if fleet is None else read_fleet(fleet)
    objects = () if load is None else read_objects_of(load)
    listener = listen(host, port)
    links = listen_for_pos(reader_port)
    if not is_loopback(host):
        click.echo(f"Warning: {host} can be reached from other machines, and this server checks no secret.", err=True)
    file = None if memory else data or data_file()
    wishes = Wishes(
        accounts=accounts,
        readers=readers,
        fleet=planned,
        forward_to=forward_to,
        events=tuple(name.strip() for name in events.split(",") if name.strip()),
        objects=objects,
        issuing=given(real_time_url=authorizations_to, real_time_default=authorizations_default, parcels=parcels),
    )
    chosen = seed if seed is not None or planned is None else planned.seed
    with listener, links, open_bench(file, chosen, speed) as bench:
        secret = prepare(bench, wishes)
        facts = Facts(url_of(listener), file, forward_to, secret, link_domain(links))
        serve(bench, listener, lambda: click.echo(greeting(bench, facts)), links)
    click.echo("Stopped.")
