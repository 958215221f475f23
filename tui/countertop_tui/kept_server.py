"""``python -m countertop_tui.kept_server ARGS``: ``countertop ARGS`` that ends when its standard input does.

So the server of a screen never outlives it, however the screen came to its end.
"""

from __future__ import annotations

import os
import runpy
import signal
import threading


def main() -> None:
    """Watch the standard input, and be the command line."""
    threading.Thread(target=_watch, name="countertop-kept", daemon=True).start()
    runpy.run_module("countertop", run_name="__main__", alter_sys=True)


def _watch() -> None:
    # Not through sys.stdin: Python cannot end while a thread holds that.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
