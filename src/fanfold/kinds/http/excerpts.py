"""What may be shown of an answer: one bounded line, without what looks like a secret."""

from __future__ import annotations

import re
from collections.abc import Callable

_LONGEST = 500
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]{0,2000}>", re.IGNORECASE | re.DOTALL)
_SECRETS = (
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=|-]{8,}", re.IGNORECASE), r"\1 [redacted]"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "[redacted]"),
    (
        re.compile(
            r"""(["']?[\w-]{0,30}(?:token|secret|password|passwd|api_?key|authorization|cookie)["']?\s*[:=]\s*)"""
            r"""("[^"]*"|'[^']*'|[^\s,;&}]+)""",
            re.IGNORECASE,
        ),
        r"\1[redacted]",
    ),
    (re.compile(r"(://[^:/@\s]*):[^@/\s]+@"), r"\1:[redacted]@"),
)


def excerpt_of(body: bytes, *, conceal: Callable[[str], str]) -> str:
    """Return the beginning of *body* as one line; empty when there is no text in it."""
    text = body[: 16 * _LONGEST].decode("utf-8", errors="replace")
    if text.lstrip()[:1] == "<":
        text = _TAG.sub(" ", text)
    line = masked(" ".join(text.split()), conceal=conceal)
    printable = "".join(letter if letter.isprintable() else "·" for letter in line)
    return printable if len(printable) <= _LONGEST else f"{printable[:_LONGEST]}…"


def masked(text: str, *, conceal: Callable[[str], str]) -> str:
    """Return *text* without the connection's secrets, and without what looks like one."""
    text = conceal(text)
    for look, replacement in _SECRETS:
        text = look.sub(replacement, text)
    return text
