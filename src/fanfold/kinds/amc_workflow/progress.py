"""How far an operation has come at AMC, as it is stored between two calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

# Looks at each pace: with 15 s as the base, two minutes of 15 s, then eight of 60 s, then 300 s.
_LOOKS_PER_PACE = 8
_PACES = (1, 4, 20)
_MISS_CAP = timedelta(minutes=5)
_LONGEST_SETTLING = timedelta(seconds=5)
# How long a call may be on its way; the client drops what AMC has not received by then.
_ARRIVAL = timedelta(seconds=5)
_SENDING = (timedelta(seconds=2), timedelta(seconds=10))


@dataclass(frozen=True, slots=True)
class Submitting:
    """The intent is stored; whether AMC has the execution is not known."""

    since: datetime
    """When the first try was made."""
    mark: int
    looks: int = 0
    """How often AMC's list was searched without a find since the last try."""
    tries: int = 0
    """How many answers were lost."""
    misses: int = 0
    """How many searches in a row failed."""
    send_until: datetime | None = None
    """Until when the worker that stored this may send it; None when it will not any more."""

    def as_json(self) -> dict[str, Any]:
        """Return the state to store."""
        until = self.send_until.isoformat() if self.send_until else None
        return {
            "phase": "submitting",
            **asdict(self),
            "since": self.since.isoformat(),
            "send_until": until,
        }

    def unsettled(self, now: datetime, *, base: timedelta) -> timedelta:
        """Return how long AMC's list may still be silent about it; at least the usual pause between looks."""
        pause = settling(base)
        return pause if self.send_until is None else max(pause, self.send_until + _ARRIVAL + pause - now)


@dataclass(frozen=True, slots=True)
class Submitted:
    """AMC has the execution."""

    remote_id: str
    asked: str | None = None
    """A digest of the input that it runs on; None in states of earlier versions."""
    polls: int = 0
    misses: int = 0
    """How many looks in a row failed."""

    def as_json(self) -> dict[str, Any]:
        """Return the state to store."""
        return {"phase": "submitted", **asdict(self)}

    def polled(self) -> Submitted:
        """Return the state after a look that worked."""
        return replace(self, polls=self.polls + 1, misses=0)

    def missed(self) -> Submitted:
        """Return the state after a look that failed."""
        return replace(self, misses=self.misses + 1)

    def pace(self, base: timedelta) -> timedelta:
        """Return the wait before the next look."""
        return base * _PACES[min(self.polls // _LOOKS_PER_PACE, len(_PACES) - 1)]


Progress = Submitting | Submitted


def progress_of(state: Mapping[str, Any] | None) -> Progress | None:
    """Read the stored state; None when nothing was sent."""
    if not state:
        return None
    if state["phase"] == "submitted":
        return Submitted(
            str(state["remote_id"]),
            asked=state.get("asked"),
            polls=int(state.get("polls", 0)),
            misses=int(state.get("misses", 0)),
        )
    return Submitting(
        since=datetime.fromisoformat(state["since"]),
        mark=int(state["mark"]),
        looks=int(state.get("looks", 0)),
        tries=int(state.get("tries", 0)),
        misses=int(state.get("misses", 0)),
        send_until=datetime.fromisoformat(until) if (until := state.get("send_until")) else None,
    )


def wait_after_miss(misses: int, *, base: timedelta, asked: timedelta | None) -> timedelta:
    """Return the wait after the *misses*-th failure in a row, at least what the remote side asked for."""
    return max(asked or timedelta(), min(_MISS_CAP, base * 2 ** (misses - 1)))


def settling(base: timedelta) -> timedelta:
    """Return how long to let AMC's list settle before it is searched (again) for a submission."""
    return min(base, _LONGEST_SETTLING)


def sending(base: timedelta) -> timedelta:
    """Return how long after its intent a submission may be sent; whoever takes it over waits as long."""
    shortest, longest = _SENDING
    return min(max(base, shortest), longest)
