"""What clients of connectors may be able to do beyond what their own kinds ask of them.

A client has a capability by having its methods:

    class Client:
        async def query(self, statement: str, *, most_rows: int, within: timedelta) -> QueryRows: ...
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class QueryRows:
    """A small table; its values are JSON's."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


@runtime_checkable
class Queryable(Protocol):
    """Answers read-only queries of its users, e.g. for the targets of a batch."""

    async def query(self, statement: str, *, most_rows: int, within: timedelta) -> QueryRows:
        """Return the rows of one statement that changes nothing.

        Raises a `Failure` saying why it cannot, also when it takes longer than *within* or gives more than
        *most_rows*; the words reach the user. Hazard: the statement is a user's, so bound it.
        """
        ...
