"""The same screens in a browser, on this machine only, with a page that loads nothing from anywhere else."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from pathlib import Path

from countertop.errors import MissingExtra

HOST = "127.0.0.1"
TEMPLATES = Path(__file__).parent / "templates"


def serve(url: str, key: str, port: int) -> None:
    """Serve until Ctrl-C; each browser window has screens of its own.  Raises MissingExtra without ``[web]``."""
    if importlib.util.find_spec("textual_serve") is None:
        raise MissingExtra("The fleet in a browser", "web")
    from textual_serve.server import Server

    command = shlex.join([sys.executable, "-m", "countertop", "fleet", url, "--key", key])
    Server(command, HOST, port, "Countertop", templates_path=TEMPLATES).serve()
