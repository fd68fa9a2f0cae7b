"""What people type: text and JSON that PostgreSQL can store and a screen can show.

NUL bytes and lone surrogates cannot be stored, control characters cannot be shown: none gets past the edge.
"""

from __future__ import annotations

import math
import unicodedata
from typing import Annotated, Any, cast

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

DEEPEST_JSON = 32


def line_problem(text: str) -> str | None:
    """Return what keeps *text* from being one storable line, None if nothing does."""
    return "must not contain control characters or line breaks" if _unprintable(text, "") else None


def paragraph_problem(text: str) -> str | None:
    """Return what keeps *text* from being storable text of several lines, None if nothing does."""
    return "must not contain control characters" if _unprintable(text, "\t\n\r") else None


def json_problem(value: object) -> str | None:
    """Return what keeps a decoded JSON *value* from being stored, None if nothing does.

    Walks without recursion: the depth is the caller's choice, the stack is ours.
    """
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > DEEPEST_JSON:
            return f"must not be nested deeper than {DEEPEST_JSON} levels"
        if isinstance(part, float) and not math.isfinite(part):
            return "must not contain NaN or infinite numbers"
        if isinstance(part, int) and not -(2**63) <= part < 2**64:
            return "must not contain integers of more than 64 bits"
        if isinstance(part, str) and ("\0" in part or _has_surrogates(part)):
            return "must not contain NUL bytes or broken Unicode"
        waiting.extend((inner, depth + 1) for inner in _inner(part))
    return None


def _inner(part: object) -> list[object]:
    if isinstance(part, dict):
        pairs = cast("dict[str, object]", part)
        return [*pairs, *pairs.values()]
    return cast("list[object]", part) if isinstance(part, list) else []


def _unprintable(text: str, allowed: str) -> bool:
    return any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in allowed for sign in text)


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)


def _line(text: str) -> str:
    return _accepted(text, line_problem(text))


def storable_paragraph(text: str) -> str:
    """Return *text*; refuse what cannot be stored or shown, for types of other lengths than `Paragraph`."""
    return _accepted(text, paragraph_problem(text))


def _json(value: Any) -> Any:
    return _accepted(value, json_problem(value))


def _names(values: dict[str, Any]) -> dict[str, Any]:
    # The values are looked at one by one, so that an error says which; their names only together.
    return _accepted(values, json_problem(list(values)))


def _accepted(value: Any, problem: str | None) -> Any:
    if problem is not None:
        # A ValueError would be shown with the words "Value error" before it.
        raise PydanticCustomError("unstorable", "{problem}", {"problem": problem})
    return value


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_line)
]
"""What a thing is called: one line, not empty."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_line)]
"""One line, may be empty."""
Paragraph = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(storable_paragraph)]
Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(_line)
]
JsonValue = Annotated[Any, AfterValidator(_json)]
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_names)]
