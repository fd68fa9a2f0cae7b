"""What the server tells of a batch's control: why it rests, what it waits for, who did what to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fanfold.client.answer import Answer


class Pause(Answer):
    """Who rests a batch, how, and until when."""

    mode: str
    since: datetime
    reason: str | None = None
    resume_at: datetime | None = None
    by: str | None = None


class Stop(Answer):
    """Why what had not begun is skipped."""

    reason: str
    at: datetime
    text: str


class OpenWave(Answer):
    """Which part of a batch may run."""

    current: int
    """The open wave, from 1; past the last, the rest runs."""
    sizes: tuple[int, ...]
    tolerated: int = 0


class AwaitedBatch(Answer):
    """The batch that one waits for; `job_id` is None when it was deleted."""

    job_id: str | None = None
    status: str | None = None
    until: str


class Wait(Answer):
    """One cause why pending operations wait, and how many do."""

    cause: str
    text: str
    count: int
    key: str | None = None
    """The limit that is closed."""
    in_use: int | None = None
    cap: int | None = None
    opens_at: datetime | None = None
    """When time alone opens it."""
    holder: str | None = None
    """The batch that has held it longest."""


class FieldChange(Answer):
    """One field, before and after."""

    field: str
    before: Any = None
    after: Any = None


class TimelineEntry(Answer):
    """Something that happened to a batch as a whole; without an actor Fanfold did it itself."""

    id: int
    name: str
    at: datetime
    actor: str | None = None
    text: str
    changes: tuple[FieldChange, ...] = ()
