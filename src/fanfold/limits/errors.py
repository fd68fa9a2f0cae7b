"""What can be wrong with limits; no HTTP here, `web.errors` maps them.

LimitError
├── LimitNotFound        or it is not for this user to see
└── LimitDenied          it is not for this user to set
"""

from __future__ import annotations

from typing import ClassVar


class LimitError(Exception):
    """A request to the limits cannot be done."""

    code: ClassVar[str] = "limit"


class LimitNotFound(LimitError):
    """There is no such limit, or nothing of yours holds it."""

    code = "limit_not_found"

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no limit on {key}.")


class LimitDenied(LimitError):
    """Only administrators set this limit."""

    code = "limit_denied"

    def __init__(self, key: str) -> None:
        super().__init__(f"Only administrators may do this to {key}; you may to your own instances.")
