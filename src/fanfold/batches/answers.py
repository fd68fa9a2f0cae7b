"""Answers that requests share, and conditional requests (RFC 9110, section 13).

Requests that ask the same thing at the same time share one reading. A request joins only a reading that has
not begun, so no answer is older than its request. An unchanged poll costs a 304.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from pydantic import BaseModel

Reading = tuple[BaseModel, str | None]
"""What is shown, and a word that changes when it does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """JSON that is ready to be sent."""

    body: bytes
    etag: str | None


class Answers:
    """One reading at a time for each question."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Future[Answer]] = {}
        self._next: dict[Hashable, asyncio.Future[Answer]] = {}

    async def get(self, question: Hashable, read: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return what a call of *read* gives that began after this one; its error is shared too."""
        turn = self._next.get(question)
        if turn is None:
            before = self._under_way.get(question)
            turn = asyncio.ensure_future(self._read_after(before, question=question, read=read))
            (self._under_way if before is None else self._next)[question] = turn
        # Whoever goes away must not take the answer from the others.
        return await asyncio.shield(turn)

    async def _read_after(
        self,
        before: asyncio.Future[Answer] | None,
        *,
        question: Hashable,
        read: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        if before is not None:
            await asyncio.wait([before])
            self._under_way[question] = self._next.pop(question)
        try:
            return await read()
        finally:
            if question not in self._next:
                del self._under_way[question]


async def rendered(read: Callable[[], Awaitable[Reading]]) -> Answer:
    """Read and turn into bytes."""
    model, revision = await read()
    body = model.__pydantic_serializer__.to_json(model)
    # Weak: estimates move with the clock while what they estimate stays.
    return Answer(body, None if revision is None else f'W/"{revision}"')


def is_current(if_none_match: str | None, etag: str) -> bool:
    """Whether the client already holds what the tag stands for."""
    if if_none_match is None:
        return False
    opaque = etag.removeprefix("W/")
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return opaque in known or "*" in known
