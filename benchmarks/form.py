"""How much a measurement does: all, a short form for `make bench`, or a trial that shows that it runs."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Form(StrEnum):
    """The sizes of a measurement."""

    FULL = "full"
    SHORT = "short"
    TRIAL = "trial"
    """Its figures mean nothing and are never kept."""

    def of(self, *, full: T, short: T, trial: T) -> T:
        """Return what this form takes."""
        return {Form.FULL: full, Form.SHORT: short, Form.TRIAL: trial}[self]
