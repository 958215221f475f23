"""A trace as one HTML file that needs nothing else: a timeline, APDUs that unfold into their data objects."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from countertop.trace import decode

Entry = dict[str, Any]
STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #57606a; --line: #d8dee4; --mark: #0969da;
  --good: #1a7f37; --bad: #cf222e; --box: #f6f8fa }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --soft: #8b949e; --line: #30363d;
  --mark: #58a6ff; --good: #3fb950; --bad: #f85149; --box: #161b22 } }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.3rem; margin: 0 } header p { color: var(--soft); margin: .2rem 0 1rem }
ol { list-style: none; margin: 0; padding: 0; border-left: 2px solid var(--line) }
li { position: relative; padding: .15rem 0 .15rem 5.5rem } li::before { content: ""; position: absolute; left: -5px;
  top: .75rem; width: 8px; height: 8px; border-radius: 50%; background: var(--line) }
li > time { position: absolute; left: 1rem; color: var(--soft); font-variant-numeric: tabular-nums }
li.step { margin-top: .8rem; font-weight: 600 } li.step::before, li.outcome::before { background: var(--mark) }
li.outcome { margin-top: .8rem; font-weight: 600 } .approved { color: var(--good) }
.declined, .terminated, .removed, .fallback, .try_again { color: var(--bad) }
code, pre, td { font-family: ui-monospace, monospace; font-size: .85em; overflow-wrap: anywhere }
summary { cursor: pointer } .why, .sw { color: var(--soft) } details > div { background: var(--box);
  border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; margin: .3rem 0 .6rem }
table { border-collapse: collapse; width: 100% } td { vertical-align: top; padding: .1rem .8rem .1rem 0 }
td.name { white-space: nowrap } td.says { color: var(--soft) }
"""


def render(trace: Entry) -> str:
    """The whole file.  Everything in it that comes from elsewhere is escaped."""
    start = int(trace.get("started_ms", 0))
    items = "\n".join(_item(entry, start) for entry in decode.with_kernels(trace["entries"]))
    title = escape(f"Trace of {trace['object']}")
    outcome = escape(str(trace.get("outcome", "unfinished")))
    about = " · ".join(escape(str(trace[name])) for name in ("type", "reader", "serial") if trace.get(name))
    why = escape(str(trace.get("why", "")))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n<body><header><h1>{title}: '
        f'<span class="{outcome}">{outcome}</span></h1>\n<p>{about}<br>{why}</p></header>\n'
        f"<main><ol>\n{items}\n</ol></main></body></html>\n"
    )


def _item(entry: Entry, start: int) -> str:
    kind = escape(str(entry.get("kind", "")))
    offset = int(entry.get("at", start)) - start
    return f'<li class="{kind}"><time>{offset} ms</time>{"".join(_body(entry))}</li>'


def _body(entry: Entry) -> Iterator[str]:
    name = escape(str(entry.get("name", "")))
    match entry.get("kind"):
        case "apdu":
            yield from _apdu(entry, name)
        case "decision":
            yield f'{name}: <b>{escape(str(entry["result"]))}</b> <span class="why">{escape(str(entry["why"]))}</span>'
        case "prompt":
            yield f"{name}: {escape(str(entry['answer']))}"
        case "host":
            rows = "".join(
                f'<tr><td class="name">{escape(field)}</td><td>{escape(str(value))}</td></tr>'
                for field, value in entry["fields"].items()
                if value
            )
            objects = _table(
                str(next((value for field, value in entry["fields"].items() if field[:3] == "55 "), "")),
                entry["kernel"],
            )
            yield f"<details><summary>{name}</summary><div><table>{rows}</table>{objects}</div></details>"
        case "outcome":
            yield f'<span class="{name}">{name}</span> <span class="why">{escape(str(entry["why"]))}</span>'
        case _:
            yield name


def _apdu(entry: Entry, name: str) -> Iterator[str]:
    command, response = escape(str(entry["command"])), str(entry["response"])
    word, means = decode.status(response)
    yield f'<details><summary>{name} <span class="sw">{escape(word)} {escape(means)}</span></summary><div>'
    if command:
        yield f"<pre>→ {command}</pre>"
    objects = _table(response[:-4], entry["kernel"]) if command else ""
    yield f"<pre>← {escape(response)}</pre>{objects}</div></details>"


def _table(text: str, kernel: str) -> str:
    rows = "".join(
        f'<tr><td style="padding-left:{line.depth}rem">{line.tag}</td><td class="name">{escape(line.name)}</td>'
        f'<td>{escape(line.value)}</td><td class="says">{escape(line.says)}</td></tr>'
        for line in decode.lines(text, kernel)
    )
    return f"<table>{rows}</table>" if rows else ""
