"""Paths into JSON: the part of RFC 9535 that takes names, indexes and wildcards, and nothing that computes.

`$.items[*].id` from the answer's root, `@.price['net']` from a row. A path costs no more than what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

_STEP = re.compile(
    r"""\.(?P<name>[^\W\d][\w-]*)|\.(?P<all>\*)|\[(?P<every>\*)\]|\[(?P<index>-?(?:0|[1-9]\d{0,9}))\]"""
    r"""|\['(?P<single>[^'\\]*)'\]|\["(?P<double>[^"\\]*)"\]"""
)
_LONGEST = 500


class BadPath(ValueError):
    """It is no path."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """Steps from a root."""

    source: str
    from_row: bool
    """It begins with `@`."""
    steps: tuple[str | int | None, ...]
    """A name, an index, or None for all."""

    def find(self, root: Any) -> Iterator[Any]:
        """Yield what the path leads to; nothing if it leads nowhere."""
        found: Iterable[Any] = (root,)
        for step in self.steps:
            found = _taken(found, step)
        yield from found

    def first(self, root: Any) -> Any:
        """Return the first that it leads to; None if it leads nowhere."""
        return next(self.find(root), None)


@lru_cache(maxsize=1024)
def path_of(source: str) -> JsonPath:
    """Read a path. Raises `BadPath`."""
    if source[:1] not in {"$", "@"} or len(source) > _LONGEST:
        raise BadPath(f"{source[:60]!r} is no path: begin with $ for the answer, or @ for a row")
    steps: list[str | int | None] = []
    position = 1
    while position < len(source):
        match = _STEP.match(source, position)
        if match is None:
            raise BadPath(
                f"{source!r} cannot be read from {source[position:]!r} on: use .name, [0], [*], ['a b']"
            )
        steps.append(_step(match))
        position = match.end()
    return JsonPath(source, source.startswith("@"), tuple(steps))


def _step(match: re.Match[str]) -> str | int | None:
    if match["index"] is not None:
        return int(match["index"])
    return next((match[group] for group in ("name", "single", "double") if match[group] is not None), None)


def _taken(nodes: Iterable[Any], step: str | int | None) -> Iterator[Any]:
    for node in nodes:
        if isinstance(node, Mapping):
            members = cast("Mapping[str, Any]", node)
            if step is None:
                yield from members.values()
            elif step in members:
                yield members[str(step)]
        elif isinstance(node, list):
            items = cast("Sequence[Any]", node)
            if step is None:
                yield from items
            elif isinstance(step, int) and -len(items) <= step < len(items):
                yield items[step]
