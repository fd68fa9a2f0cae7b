"""What an attempt is given: its target, its parameters, and the few doors to the world that it may use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

import pyarrow as pa

from fanfold.kit.clock import Clock

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """One addressable thing that an operation works on, as it was when the batch was submitted."""

    key: str
    """Unique in the batch."""
    name: str
    id: UUID | None = None
    connection_id: UUID | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the kind needs to address it, e.g. an AMC instance id and its account."""


class Sink(Protocol):
    """Takes the rows of a result set; what was written counts only if the attempt completes."""

    async def write(self, rows: pa.RecordBatch) -> None:
        """Append rows; every call must bring the same schema."""
        ...


class CancelSignal(Protocol):
    """Tells an attempt that the user wants it to stop."""

    def is_set(self) -> bool:
        """Whether it should stop now."""
        ...

    async def wait(self) -> object:
        """Return when it should stop."""
        ...


class Context(Protocol):
    """One attempt's view of the world. Hazard: an operation *may run twice* if a worker dies."""

    @property
    def operation_id(self) -> UUID:
        """The operation's id."""
        ...

    @property
    def execution_id(self) -> str:
        """The operation's public id, `exec_…`."""
        ...

    @property
    def attempt_number(self) -> int:
        """1 for the first try."""
        ...

    @property
    def target(self) -> Target:
        """What to work on."""
        ...

    @property
    def definition(self) -> Mapping[str, Any]:
        """What the batch runs, frozen at submit, the same for every target (e.g. the workflow's SQL)."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Base parameters with this target's overrides merged over them."""
        ...

    @property
    def state(self) -> Mapping[str, Any] | None:
        """What the last snooze or `save` stored in this attempt; None on its first call."""
        ...

    @property
    def deadline(self) -> datetime:
        """When the attempt is ended by its timeout."""
        ...

    @property
    def cancelled(self) -> CancelSignal:
        """Set when the user wants the attempt to stop."""
        ...

    @property
    def clock(self) -> Clock:
        """Tells the time; tests move it."""
        ...

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        """A log that names the attempt."""
        ...

    @property
    def sink(self) -> Sink:
        """Takes the rows of the result set."""
        ...

    async def save(self, state: Mapping[str, Any], *, remote_ref: str | None = None) -> None:
        """Store *state* durably now, e.g. the intent before a remote call and the remote id after it.

        Raises `StaleAttempt` when this worker has lost the attempt; then stop at once.
        """
        ...

    async def adopt(self, remote_ref: str) -> bool:
        """Take a remote run that no attempt has taken; return False if one has."""
        ...

    async def connect(self) -> Any:
        """Return the opened client of the target's connection, shared by the worker's attempts."""
        ...

    async def compute(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a CPU-heavy function outside the event loop."""
        ...
