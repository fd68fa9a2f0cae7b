"""What can go wrong between asking for a batch and starting it; no HTTP here, `web.errors` maps them.

CreationError
├── FillStopped       a line is wrong; what stood before it is kept
└── PreviewStale      what was previewed is no longer what would run
"""

from __future__ import annotations

from collections.abc import Sequence

from fanfold.sdk.errors import Problem


class CreationError(Exception):
    """A batch cannot be made as asked."""


class FillStopped(CreationError):
    """Some lines are wrong; those before the first of them are kept."""

    def __init__(self, problems: Sequence[Problem], *, line: int, added: int, known: int) -> None:
        self.problems = tuple(problems)
        more = f" {len(problems) - 1} more are wrong." if len(problems) > 1 else ""
        kept = f"The {line - 1:,} lines before it are kept ({added:,} added, {known:,} known)"
        super().__init__(
            f"{problems[0].message}{more} {kept if line > 1 else 'Nothing of it is kept'}: "
            "correct it and send the same again."
        )


class PreviewStale(CreationError):
    """What was previewed is no longer what would run."""

    def __init__(self, changed: Sequence[str]) -> None:
        self.changed = tuple(changed)
        listed = " and ".join(filter(None, [", ".join(changed[:-1]), changed[-1]]))
        have = "have" if listed.endswith("s") or len(changed) > 1 else "has"
        super().__init__(f"Since the preview the {listed} {have} changed: look at a new one.")
        self.problems = tuple(Problem(f"/{part}", f"The {part} changed.") for part in changed)
