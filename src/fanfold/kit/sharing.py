"""One reading for all who ask the same thing at the same time.

A caller joins only a reading that has not begun, so nothing that is given is older than its question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """One reading at a time for each question."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Future[T]] = {}
        self._next: dict[Hashable, asyncio.Future[T]] = {}

    async def get(self, question: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Return what a call of *read* gives that began after this one; its error is shared too."""
        turn = self._next.get(question)
        if turn is None:
            before = self._under_way.get(question)
            turn = asyncio.ensure_future(self._read_after(before, question=question, read=read))
            (self._under_way if before is None else self._next)[question] = turn
        # Whoever goes away must not take the reading from the others.
        return await asyncio.shield(turn)

    async def _read_after(
        self, before: asyncio.Future[T] | None, *, question: Hashable, read: Callable[[], Awaitable[T]]
    ) -> T:
        if before is not None:
            await asyncio.wait([before])
            self._under_way[question] = self._next.pop(question)
        try:
            return await read()
        finally:
            if question not in self._next:
                del self._under_way[question]
