"""What an attempt returns: a value says how the work went on, an exception says that it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Completed:
    """The work is done; rows written to the sink become the operation's result set."""

    summary: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """A small JSON object that lists and cards show."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """There was nothing to do for this target; counts as a success."""

    reason: str
    """A sentence for the user."""


@dataclass(frozen=True, slots=True)
class Snoozed:
    """A remote side is at work: store *state*, free the worker, call again *after* this long.

    Hazard: the next call may come on another worker, and the worker may die before the snooze is stored;
    what must not be lost belongs into `Context.save`, before the remote call.
    """

    after: timedelta
    state: Mapping[str, Any]


Outcome = Completed | Skipped | Snoozed
