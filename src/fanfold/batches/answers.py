"""Answers that requests share (`kit.sharing`), and conditional requests (RFC 9110, section 13).

An unchanged poll costs a 304.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel

Reading = tuple[BaseModel, str | None]
"""What is shown, and a word that changes when it does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """JSON that is ready to be sent."""

    body: bytes
    etag: str | None


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
