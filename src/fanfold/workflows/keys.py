"""What a workflow's key may be: AMC's rule for its workflow ids, and nothing that means something else."""

from __future__ import annotations

import re

from fanfold.sdk.errors import Problem
from fanfold.targets.selection import parse_uuid

LONGEST = 100
_KEY = re.compile(r"[A-Za-z0-9._-]+")
_TAKEN = frozenset({"batch", "check", "export", "import", ".", ".."})


def may_name_a_workflow(reference: str) -> bool:
    """Return whether *reference* can be an id or a key at all; what cannot does not reach the database."""
    return len(reference) <= LONGEST and _KEY.fullmatch(reference) is not None


def key_problems(key: str) -> list[Problem]:
    """Return what is wrong with *key*, nothing when it will do."""
    if not _KEY.fullmatch(key) or len(key) > LONGEST:
        message = f"The key must be 1 to {LONGEST} letters, digits, dots, hyphens and underscores."
    elif parse_uuid(key) is not None:
        message = "The key must not look like a UUID: those are the ids of workflows."
    elif key.lower() in _TAKEN:
        message = f"The key {key!r} has another meaning in addresses; choose another one."
    else:
        return []
    return [Problem("/key", message)]
