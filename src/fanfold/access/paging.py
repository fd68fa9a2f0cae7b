"""Lists as every route gives them: a page, and how many there are in all."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

T = TypeVar("T")

PageLimit = Annotated[int, Query(ge=1, le=200, description="how many at most")]
PageOffset = Annotated[int, Query(ge=0, le=2**31 - 1, description="how many to leave out before them")]


class Page(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T]
    total: int
    limit: int
    offset: int
