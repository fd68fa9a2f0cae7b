"""An attempt's context that lives in memory and remembers what the kind did with it.

async def test_it_greets():
    context = RecordingContext(parameters={"name": "Ada"})
    assert await Hello().run(context) == Completed({"greeting": "hello Ada"})
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import pyarrow as pa

from fanfold.kit.clock import ManualClock
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Context, Target
from fanfold.sdk.kind import Kind
from fanfold.sdk.outcome import Completed, Skipped, Snoozed

P = ParamSpec("P")
T = TypeVar("T")

_MOST_STEPS = 10_000
_ATTEMPT_TIMEOUT = timedelta(minutes=30)


class AttemptLog(logging.LoggerAdapter[logging.Logger]):
    """Adds what names the attempt to what the kind adds; the standard adapter would replace it."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Merge both."""
        return msg, {**kwargs, "extra": {**(self.extra or {}), **kwargs.get("extra", {})}}


class RecordingSink:
    """Keeps the rows; refuses a second schema, as the real sink does."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] = []

    async def write(self, rows: pa.RecordBatch) -> None:
        """Append rows."""
        if self.batches and rows.schema != self.batches[0].schema:
            raise ValueError(f"The schema changed from {self.batches[0].schema} to {rows.schema}.")
        self.batches.append(rows)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """All rows as dictionaries."""
        return [row for batch in self.batches for row in batch.to_pylist()]


@dataclass(frozen=True, slots=True)
class SavedState:
    """One call of `Context.save`."""

    state: Mapping[str, Any]
    remote_ref: str | None


@dataclass(slots=True)
class RecordingContext:
    """One attempt; set what it is given, read what was done."""

    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    definition: Mapping[str, Any] = field(default_factory=dict[str, Any])
    target: Target = field(default_factory=lambda: Target(key="target-1", name="Target 1"))
    client: Any = None
    """What `connect` returns."""
    state: Mapping[str, Any] | None = None
    clock: ManualClock = field(default_factory=ManualClock)
    sink: RecordingSink = field(default_factory=RecordingSink)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    attempt_number: int = 1
    execution_id: str = "exec_00000001"
    operation_id: UUID = field(default_factory=uuid7)
    taken_elsewhere: set[str] = field(default_factory=set[str])
    """Remote runs that other operations have, so that `adopt` returns False for them."""
    saved: list[SavedState] = field(default_factory=list[SavedState])
    adopted: list[str] = field(default_factory=list[str])

    @property
    def deadline(self) -> datetime:
        """Half an hour from now."""
        return self.clock.now() + _ATTEMPT_TIMEOUT

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        """A log that names the attempt."""
        return AttemptLog(logging.getLogger("fanfold.attempt"), {"execution_id": self.execution_id})

    async def save(self, state: Mapping[str, Any], *, remote_ref: str | None = None) -> None:
        """Store *state*; an empty one counts as none, as in the database."""
        self.state = dict(state) or None
        self.saved.append(SavedState(dict(state), remote_ref))

    async def adopt(self, remote_ref: str) -> bool:
        """Take a remote run unless another operation has it."""
        if remote_ref in self.taken_elsewhere:
            return False
        self.adopted.append(remote_ref)
        return True

    async def connect(self) -> Any:
        """Return `client`."""
        return self.client

    async def compute(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run at once, here."""
        return function(*args, **kwargs)


async def drive(
    kind: Kind, context: RecordingContext, *, between: Callable[[timedelta], object] | None = None
) -> Completed | Skipped:
    """Run *kind* until it ends, moving the clock through its snoozes; return how it ended.

    *between* is told each snooze after the clock moved, e.g. to move a simulator's clock as well.
    """
    recorded: Context = context
    for _ in range(_MOST_STEPS):
        outcome = await kind.run(recorded)
        if not isinstance(outcome, Snoozed):
            return outcome
        context.state = outcome.state
        context.clock.advance(outcome.after)
        if between is not None:
            between(outcome.after)
    raise TimeoutError(f"{kind.name} still snoozes after {_MOST_STEPS} steps.")
