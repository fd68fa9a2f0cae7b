"""JSON pointers (RFC 6901): where in a request something stands."""

from __future__ import annotations

from collections.abc import Iterable


def escaped(step: object) -> str:
    """Return a member's name or an index as a step of a pointer."""
    return str(step).replace("~", "~0").replace("/", "~1")


def pointer_to(steps: Iterable[object]) -> str:
    """Return the pointer that takes *steps* one after the other; the empty one points at the whole."""
    return "".join(f"/{escaped(step)}" for step in steps)


def first_name(pointer: str) -> str:
    """Return the name that a pointer's first step stands for; empty for the whole."""
    return pointer.removeprefix("/").partition("/")[0].replace("~1", "/").replace("~0", "~")
