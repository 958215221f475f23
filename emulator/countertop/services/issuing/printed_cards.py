"""The printed card, front and back, and the letter that carries it, as SVG documents (issuing.md §4).

Nothing secret is on them: the number is masked, and where a code would be there are dots.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from countertop.api.scope import Document, Scope
from countertop.errors import ConfigurationError
from countertop.services.core.files import CONTENTS
from countertop.services.issuing import bundles, cardholders, cards, designs

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

# ID-1 (ISO/IEC 7810): 85.60 by 53.98 mm; a tenth of a millimetre is one unit.
WIDTH, HEIGHT, ROUND = 856, 540, 32
PAGE_WIDTH, PAGE_HEIGHT = 1_050, 1_485
DARK, LIGHT, GOLD = "#14161a", "#f5f5f2", "#c9a24b"
SIDES = ("front", "back", "letter")


def side_of(room: Issuing, scope: Scope, name: str, side: str) -> str:
    """One of :data:`SIDES` of a physical card.  Raises ApiError for an unknown card, ConfigurationError for others."""
    card = cards.fetch(scope, name)
    if card["shipping"] is None:
        raise ConfigurationError(f"The card {name} is virtual: nothing of it is printed.")
    if side not in SIDES:
        raise ConfigurationError(f"A card has no {side[:20]!r}.", f"There are: {', '.join(SIDES)}")
    holder = cardholders.fetch(scope, card["cardholder"])
    design = designs.fetch(scope, card["personalization_design"]) if card["personalization_design"] else None
    match side:
        case "front":
            return _front(scope, card, holder, design)
        case "back":
            return _back(card)
    return _letter(scope, card, holder, design)


def _front(scope: Scope, card: Document, holder: Document, design: Document | None) -> str:
    bundle = bundles.bundle_of(design["physical_bundle"] if design is not None else bundles.STANDARD)
    dark = bundle["type"] == "custom" or bundle["id"] == bundles.STANDARD
    ground, ink = (DARK, LIGHT) if dark else (LIGHT, DARK)
    expiry = f"{card['exp_month']:02d}/{card['exp_year'] % 100:02d}"
    parts = [
        _plate(ground),
        *_logo(scope, design, dark=dark),
        f'<rect x="80" y="190" width="115" height="90" rx="14" fill="{GOLD}"/>',
        f'<path d="M80 220h115M80 250h115M118 190v90M157 190v90" stroke="{DARK}" stroke-width="2"/>',
        _text(80, 355, f"•••• •••• •••• {card['last4']}", 46, ink, spaced=True),
        _text(80, 420, expiry, 28, ink),
        _text(80, 470, holder["name"].upper(), 30, ink),
        _text(776, 470, card["brand"].upper(), 44, ink, anchor="end"),
    ]
    if card["second_line"]:
        parts.append(_text(80, 508, card["second_line"].upper(), 26, ink))
    return _document(WIDTH, HEIGHT, "The front of a card", parts)


def _back(card: Document) -> str:
    parts = [
        _plate(DARK),
        f'<rect y="55" width="{WIDTH}" height="115" fill="#3a2f28"/>',
        f'<rect x="60" y="215" width="520" height="75" fill="{LIGHT}"/>',
        '<rect x="600" y="215" width="120" height="75" fill="#ffffff"/>',
        _text(660, 265, "•••", 34, DARK, anchor="middle"),
        _text(60, 350, f"•••• {card['last4']}", 26, LIGHT),
        _text(60, 480, "A test card: it buys nothing.", 24, LIGHT),
    ]
    return _document(WIDTH, HEIGHT, "The back of a card", parts)


def _letter(scope: Scope, card: Document, holder: Document, design: Document | None) -> str:
    texts = (design["carrier_text"] if design is not None else None) or {}
    shipping = card["shipping"]
    address = shipping["address"]
    place = " ".join(part for part in (address["postal_code"], address["city"], address["state"]) if part)
    lines = [shipping["name"], shipping["business_name"], address["line1"], address["line2"], place, address["country"]]
    parts = [
        f'<rect width="{PAGE_WIDTH}" height="{PAGE_HEIGHT}" fill="#ffffff"/>',
        *_logo(scope, design, dark=False),
        *(_text(80, 260 + 34 * at, line, 26, DARK) for at, line in enumerate(part for part in lines if part)),
        _text(80, 560, texts.get("header_title") or f"Your new card, {holder['name']}", 40, DARK),
        *_paragraph(80, 620, texts.get("header_body") or "", DARK),
        f'<rect x="97" y="760" width="{WIDTH}" height="{HEIGHT // 2}" rx="{ROUND}" fill="none" stroke="{DARK}" '
        'stroke-dasharray="8 8"/>',
        _text(525, 905, f"The card that ends in {card['last4']} is glued here.", 28, DARK, anchor="middle"),
        _text(80, 1_160, texts.get("footer_title") or "", 32, DARK),
        *_paragraph(80, 1_210, texts.get("footer_body") or "", DARK),
    ]
    return _document(PAGE_WIDTH, PAGE_HEIGHT, "The letter of a card", parts)


def _logo(scope: Scope, design: Document | None, *, dark: bool) -> list[str]:
    """The design's logo, black on white in its file, in the ink of the plate."""
    name = design["card_logo"] if design is not None else None
    row = scope.tx.get(scope.account.id, CONTENTS, name) if name else None
    if row is None:
        return []
    content = base64.b64encode(base64.b64decode(row["base64"])).decode("ascii")
    # Multiplied onto a light ground the white is gone; on a dark one the picture is turned into its negative first.
    style = "filter:invert(1);mix-blend-mode:screen" if dark else "mix-blend-mode:multiply"
    return [f'<image x="80" y="60" width="500" height="100" style="{style}" href="data:image/png;base64,{content}"/>']


def _plate(ground: str) -> str:
    return f'<rect width="{WIDTH}" height="{HEIGHT}" rx="{ROUND}" fill="{ground}"/>'


def _text(x: int, y: int, text: str, size: int, ink: str, *, anchor: str = "start", spaced: bool = False) -> str:
    spacing = ' letter-spacing="4"' if spaced else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{ink}" text-anchor="{anchor}"{spacing}>{escape(text)}</text>'
    )


def _paragraph(x: int, y: int, text: str, ink: str, width: int = 62) -> list[str]:
    """Lines of so many letters; an SVG breaks none by itself."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [_text(x, y + 34 * at, one, 26, ink) for at, one in enumerate([*lines, line]) if one]


def _document(width: int, height: int, title: str, parts: Iterable[str]) -> str:
    inside = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="Helvetica, Arial, sans-serif">\n<title>{title}</title>\n{inside}\n</svg>\n'
    )
