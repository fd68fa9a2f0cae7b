"""Whether a part's file holds what was written."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fanfold.results.manifest import Part

MISSING = "missing"
DAMAGED = "damaged"


def damage(path: Path, part: Part) -> str | None:
    """Read the file whole; return what is wrong with it, if anything. Blocking, so for threads only."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return MISSING
    return None if digest == part.sha256 else DAMAGED
