"""One attempt's view of the world: the `sdk.Context` that the engine hands to a kind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from fanfold.db.outage import OUTAGE
from fanfold.engine.calls import CallLog
from fanfold.engine.computing import Computing
from fanfold.engine.store import EngineStore
from fanfold.engine.work import Claimed, Frozen
from fanfold.kit.clock import Clock
from fanfold.kit.injection import Point, reach
from fanfold.results.store import ParquetSink, ResultStore
from fanfold.sdk.context import CancelSignal, Target
from fanfold.sdk.errors import Permanent

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("fanfold.attempt")


class Clients(Protocol):
    """Opens the client of a connection once per worker."""

    async def client(self, connection_id: UUID) -> Any:
        """Return the shared client."""
        ...


class StateUnsaved(Exception):
    """The database was away when a kind stored its state; the attempt goes on later from what is there."""


@dataclass(frozen=True, slots=True)
class World:
    """What all attempts of a worker share."""

    store: EngineStore
    clients: Clients
    results: ResultStore
    clock: Clock
    computing: Computing
    calls: CallLog


class AttemptContext:
    """Implements `sdk.Context`."""

    def __init__(self, world: World, claimed: Claimed, *, frozen: Frozen, cancelled: CancelSignal) -> None:
        self._world = world
        self._claimed = claimed
        self._state = claimed.state
        self._sink: ParquetSink | None = None
        self.cancelled = cancelled
        self.clock = world.clock
        self.deadline: datetime = frozen.deadline(claimed)
        self.operation_id: UUID = claimed.operation_id
        self.execution_id: str = claimed.execution_id
        self.attempt_number: int = claimed.attempt_number
        self.target: Target = claimed.target
        self.definition: Mapping[str, Any] = frozen.definition
        self.parameters: Mapping[str, Any] = {**frozen.parameters, **claimed.overrides}

    @property
    def state(self) -> Mapping[str, Any] | None:
        """What was saved last."""
        return self._state

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        """A log that names the attempt."""
        named = {"execution_id": self.execution_id, "attempt": self.attempt_number}
        return logging.LoggerAdapter[logging.Logger](log, named)

    @property
    def sink(self) -> ParquetSink:
        """The result set's sink, opened at its first use."""
        if self._sink is None:
            claimed = self._claimed
            self._sink = self._world.results.sink(
                batch_id=claimed.batch_id, operation_id=claimed.operation_id, attempt_id=claimed.attempt_id
            )
        return self._sink

    @property
    def opened_sink(self) -> ParquetSink | None:
        """The sink if the kind has used it."""
        return self._sink

    async def save(self, state: Mapping[str, Any], *, remote_ref: str | None = None) -> None:
        """Store *state* durably, fenced."""
        reach(Point.BEFORE_REMOTE_ID if remote_ref else Point.BEFORE_SAVE)
        try:
            await self._world.store.save(self._claimed, dict(state) or None, remote_ref=remote_ref)
        except OUTAGE as error:
            raise StateUnsaved from error
        self._state = dict(state) or None
        reach(Point.AFTER_REMOTE_ID if remote_ref else Point.AFTER_SAVE)

    async def adopt(self, remote_ref: str) -> bool:
        """Take a remote run unless another operation has it."""
        try:
            adopted = await self._world.store.adopt(self._claimed, remote_ref)
        except OUTAGE as error:
            raise StateUnsaved from error
        if adopted:
            reach(Point.AFTER_ADOPT)
        return adopted

    async def connect(self) -> Any:
        """Return the opened client of the target's connection."""
        if self.target.connection_id is None:
            message = f"{self.target.name} has no connection."
            raise Permanent(message, hint="Give the target a connection and retry.")
        return await self._world.clients.client(self.target.connection_id)

    async def compute(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run in one of the worker's other processes."""
        call = partial(function, *args, **kwargs)
        return await self._world.computing.run(call)
