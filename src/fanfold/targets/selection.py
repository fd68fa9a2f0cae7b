"""Reads a list of ids as a request brings it and names every entry that is none, or is there twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from fanfold.sdk.errors import Problem

MOST_NAMED = 5_000
"""A longer list is refused as a whole, without naming its entries."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def parse_uuid(text: object) -> UUID | None:
    """Return the UUID in its usual writing, None for anything else; Python's own reader takes much more."""
    return UUID(text) if isinstance(text, str) and _UUID.fullmatch(text) else None


def read_ids(
    given: Sequence[object], *, at_most: int, pointer: str = "/instance_ids"
) -> tuple[dict[UUID, int], list[Problem]]:
    """Return the ids in order with their index, and a problem for each entry that is none or is repeated."""
    ids: dict[UUID, int] = {}
    problems = _size_problems(len(given), at_most=at_most, pointer=pointer)
    if len(given) > MOST_NAMED:
        return ids, problems
    for index, entry in enumerate(given):
        found = parse_uuid(entry)
        if found is None:
            problems.append(Problem(f"{pointer}/{index}", f"{_shown(entry)} is not an instance's UUID."))
        elif found in ids:
            message = f"{found} is in the list already, at {ids[found]}."
            problems.append(Problem(f"{pointer}/{index}", message))
        else:
            ids[found] = index
    return ids, problems


def _size_problems(count: int, *, at_most: int, pointer: str) -> list[Problem]:
    if count == 0:
        return [Problem(pointer, "Choose at least one instance.")]
    if count > at_most:
        message = f"{count} instances are more than the {at_most} that one batch may have."
        return [Problem(pointer, message)]
    return []


def _shown(entry: object) -> str:
    text = repr(entry)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 -- enough to recognise it
