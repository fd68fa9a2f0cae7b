"""What can be wrong with stored rows; no HTTP here, `web.errors` maps them.

ResultError
├── ResultPartMissing   a part that a manifest names is gone or damaged
├── ResultsPruned       rows were removed because they had been kept long enough
└── ResultTooLarge      the question needs more memory and disk than readers may use
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class UnreadablePart:
    """A part that cannot be read, and whose it is."""

    operation_id: UUID
    execution_id: str
    target_name: str
    uri: str
    reason: str
    """`missing`, or `damaged`."""

    def __str__(self) -> str:
        return f"{self.uri} of {self.target_name} ({self.execution_id}) is {self.reason}"


class ResultError(Exception):
    """Results cannot be read."""


class ResultPartMissing(ResultError):
    """Rows that were written cannot be read any more; the rows of the other operations can."""

    hint = "Retry these operations, or leave them out with a filter on _instance_id."

    def __init__(self, parts: Sequence[UnreadablePart]) -> None:
        self.parts = tuple(parts)
        listed = "; ".join(map(str, self.parts))
        super().__init__(f"The result store has lost rows: {listed}. {self.hint}")


class ResultsPruned(ResultError):
    """A batch's rows were kept as long as they are kept here."""

    hint = "Run the batch again for new ones."

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(f"The rows of {count} targets were removed, because they were old. {self.hint}")


class ResultTooLarge(ResultError):
    """These rows cannot be sorted in the space that readers have: filter them, or leave out the sort."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)
