"""How far an operation has come at the other side, as it is stored between two calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

_LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sent:
    """The intent is stored; whether the other side has the request is not known."""

    def as_json(self) -> dict[str, Any]:
        """Return the state to store."""
        return {"phase": "sent"}


@dataclass(frozen=True, slots=True)
class Polling:
    """The other side is at work, and tells about it at this address."""

    url: str
    polls: int = 0
    misses: int = 0
    """How many looks in a row failed."""

    def as_json(self) -> dict[str, Any]:
        """Return the state to store."""
        return {"phase": "polling", **asdict(self)}

    def looked(self) -> Polling:
        """Return the state after a look that worked."""
        return replace(self, polls=self.polls + 1, misses=0)

    def missed(self) -> Polling:
        """Return the state after a look that failed."""
        return replace(self, misses=self.misses + 1)

    def wait(self, every: timedelta, *, asked: timedelta | None = None) -> timedelta:
        """Return the wait before the next look: doubles while looks fail, and is at least what was asked."""
        backed_off = min(max(every, _LONGEST_WAIT), every * 2 ** min(self.misses, 16))
        return max(asked or timedelta(), backed_off)


def progress_of(state: Mapping[str, Any] | None) -> Sent | Polling | None:
    """Read the stored state; None when nothing was sent."""
    if not state:
        return None
    if state["phase"] == "polling":
        return Polling(str(state["url"]), int(state.get("polls", 0)), int(state.get("misses", 0)))
    return Sent()
