"""The command line: ``countertop up | demo | fleet | reader | …``.  Thin: parse, call the client or a bench, print.

This module and :mod:`countertop.cli.lazy` are all that ``countertop --help`` loads.
"""

from __future__ import annotations

import os
import sys

import click

from countertop import __version__
from countertop.cli.lazy import LazyGroup
from countertop.errors import CountertopError

COMMANDS = {
    "up": ("countertop.cli.up:up", "Start the server: the API, virtual readers, webhooks."),
    "demo": ("countertop.demo:main", "Watch three sales happen on two virtual readers."),
    "fleet": ("countertop.cli.fleet:fleet", "Show all readers of a running server."),
    "reader": (
        "countertop.cli.reader:reader",
        "Look at a reader and touch it: tap, insert, swipe, press, ...",
    ),
    "attach": ("countertop.cli.attach:attach", "Make a real device the card slot of a virtual reader."),
    "device": ("countertop.cli.device:device", "Find real card readers, try them, lend virtual ones."),
    "doctor": ("countertop.cli.doctor:doctor", "Say what keeps devices from working here, and what mends it."),
    "card": ("countertop.cli.card:card", "Look at a virtual chip card, talk to it, lend it to PC/SC."),
    "trace": ("countertop.cli.trace:trace", "Show what happened between card, reader and issuer."),
    "issuer": ("countertop.cli.issuer:issuer", "Take the cards' bank down, bring it up, have it send a script."),
    "trigger": ("countertop.cli.trigger:trigger", "Make an event happen, by doing the real thing."),
    "webhooks": ("countertop.cli.webhooks:webhooks", "Show the webhook deliveries of a running server."),
    "coverage": ("countertop.cli.coverage:coverage", "Show what of the API is imitated, family by family."),
    "plugins": ("countertop.cli.plugins:plugins", "List what other packages add to Countertop."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="countertop")
def root() -> None:
    """A payment counter on your desk: an offline, stateful, Stripe-compatible API with virtual card readers.

    Not affiliated with Stripe. Takes test keys only.
    """


def main() -> None:
    """The console script.  What goes wrong is one line on standard error and exit status 1."""
    try:
        status = root.main(standalone_mode=False)
    except CountertopError as error:
        click.echo(f"countertop: {error}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    sys.exit(status if isinstance(status, int) else 0)
