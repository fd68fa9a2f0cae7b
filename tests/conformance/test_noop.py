"""The kind `noop` does as it is told, and otherwise nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from fanfold.kinds.noop import Noop
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Completed, Snoozed
from fanfold.sdk.testing import RecordingContext, drive

KIND = Noop()


async def test_nothing_is_done_when_nothing_is_asked():
    context = RecordingContext()

    assert await KIND.run(context) == Completed()
    assert (context.saved, context.sink.batches) == ([], [])


async def test_rows_are_written_in_batches():
    context = RecordingContext(parameters={"rows": 25_000})

    assert await KIND.run(context) == Completed({"rows": 25_000})
    assert [batch.num_rows for batch in context.sink.batches] == [10_000, 10_000, 5_000]
    assert context.sink.rows[-1] == {"row_number": 24_999, "target": "Target 1"}


async def test_it_snoozes_once():
    context = RecordingContext(parameters={"snooze_ms": 1500, "rows": 1})

    assert await KIND.run(context) == Snoozed(timedelta(milliseconds=1500), {"snoozed": 1})
    assert await drive(KIND, context) == Completed({"rows": 1})


async def test_it_snoozes_as_often_as_told():
    context = RecordingContext(parameters={"snooze_ms": 10, "snoozes": 3})

    for number in (1, 2, 3):
        assert await KIND.run(context) == Snoozed(timedelta(milliseconds=10), {"snoozed": number})
        context.state = {"snoozed": number}
    assert await KIND.run(context) == Completed()


async def test_it_waits_and_fails_for_good_when_told():
    with pytest.raises(Permanent, match="as it was told"):
        await KIND.run(RecordingContext(parameters={"wait_ms": 1, "fail": True}))


@pytest.mark.parametrize("parameters", [{"rows": -1}, {"wait_ms": "long"}, {"speed": 1}])
async def test_what_it_does_not_know_is_refused(parameters):
    with pytest.raises(ValidationError):
        await KIND.run(RecordingContext(parameters=parameters))
