"""A kind for measuring and rehearsing the engine: what it costs is the engine's cost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import ClassVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from fanfold.sdk.context import Context
from fanfold.sdk.errors import Permanent
from fanfold.sdk.kind import Kind
from fanfold.sdk.outcome import Completed, Outcome, Snoozed

_BATCH_ROWS = 10_000
_SCHEMA = pa.schema([pa.field("row_number", pa.int64()), pa.field("target", pa.string())])
_NOTHING = Completed()


class NoopParameters(BaseModel):
    """What to do; nothing by default."""

    model_config = ConfigDict(extra="forbid")

    wait_ms: int = Field(default=0, ge=0, description="Hold the worker this long.")
    snooze_ms: int = Field(default=0, ge=0, description="Then snooze this long, as for a remote side.")
    snoozes: int = Field(default=1, ge=1, description="How many times in a row to snooze, if at all.")
    rows: int = Field(default=0, ge=0, description="Then write so many rows.")
    fail: bool = Field(default=False, description="Fail for good at the end.")


class Noop(Kind):
    """Does nothing."""

    name: ClassVar[str] = "noop"
    title: ClassVar[str] = "No operation"
    description: ClassVar[str] = "Does nothing, or waits, writes rows and fails as told."
    parameters: ClassVar[type[BaseModel]] = NoopParameters

    async def run(self, context: Context) -> Outcome:
        """Wait, snooze, write and fail, in this order and as far as asked."""
        if not context.parameters:
            return _NOTHING
        asked = NoopParameters.model_validate(context.parameters)
        snoozed = (context.state or {}).get("snoozed", 0)
        if not snoozed and asked.wait_ms:
            await asyncio.sleep(asked.wait_ms / 1000)
        if asked.snooze_ms and snoozed < asked.snoozes:
            return Snoozed(timedelta(milliseconds=asked.snooze_ms), {"snoozed": snoozed + 1})
        await _write(context, asked.rows)
        if asked.fail:
            raise Permanent("It failed as it was told to.", hint="Set fail to false and retry.")
        return Completed({"rows": asked.rows}) if asked.rows else _NOTHING


async def _write(context: Context, rows: int) -> None:
    for first in range(0, rows, _BATCH_ROWS):
        numbers = range(first, min(first + _BATCH_ROWS, rows))
        columns = {"row_number": list(numbers), "target": [context.target.name] * len(numbers)}
        await context.sink.write(pa.RecordBatch.from_pydict(columns, schema=_SCHEMA))
