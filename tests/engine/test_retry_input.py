"""A retry with another input must not go on with what was begun for the old one, unless the kind can tell."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from fanfold.batches.changing import InputChange
from fanfold.batches.retrying import RetryWish
from fanfold.sdk.errors import Permanent


class Anything(BaseModel):
    """Parameters of any name."""


@pytest.mark.parametrize(
    ("knows", "change", "kept"), [(False, {"x": 1}, False), (True, {"x": 1}, True), (False, {}, True)]
)
async def test_the_state_of_the_old_input_is_dropped_unless_the_kind_can_tell(bench, knows, change, kept):
    async def begin(context):
        await context.save({"remote": 1})
        return Permanent("No.")

    seen = []

    def look(context):
        seen.append((dict(context.parameters), context.state))
        return Permanent("No.")

    bench.kind.state_knows_input = knows
    bench.kind.parameters = Anything
    bench.kind.script("a", begin, look)
    batch = await bench.submit("a")
    worker = bench.worker()
    await bench.drain(worker)
    await bench.batches.retry_part(
        batch.batch_id, RetryWish(change=InputChange(change)), user_id=bench.user_id
    )
    await bench.drain(worker)
    assert seen == [(change, {"remote": 1} if kept else None)]
