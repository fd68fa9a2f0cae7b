"""Keeps what an attempt asks of remote sides: a connector tells each call, the engine notes whose it was.

    record(RemoteCall(at=clock.now(), step="list the accounts", method="GET", path="/amc/accounts", ...))

Outside an attempt, e.g. while a connection is tested, nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RemoteCall:
    """One call, told when its answer had come or was given up. Never holds a secret."""

    at: datetime
    """When it was sent."""
    step: str
    """What it was for, in a few words."""
    method: str
    path: str
    """Without query, and without whatever else in it is a secret."""
    status: int | None
    """None: there was no answer."""
    duration_ms: int
    request_id: str | None = None
    """What the remote side's support finds it by."""
    error: str | None = None
    """Why there was no answer."""


Recorder = Callable[[RemoteCall], None]

_recorder: ContextVar[Recorder | None] = ContextVar("fanfold_remote_calls", default=None)


def record(call: RemoteCall) -> None:
    """Keep *call* for the attempt under way, if there is one."""
    recorder = _recorder.get()
    if recorder is not None:
        recorder(call)


@contextmanager
def recording(recorder: Recorder) -> Generator[None]:
    """Give what is told in this block, and in the tasks that it starts, to *recorder*."""
    token = _recorder.set(recorder)
    try:
        yield
    finally:
        _recorder.reset(token)
