"""The live stream of all batches of a user, over lost connections too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from fanfold.client.errors import Unreachable
from fanfold.client.models import Job, JobEvent
from fanfold.client.transport import Event, Transport

_PATIENCE_SECONDS = 60.0
"""How long a server may be away before the stream gives up."""


async def job_events(transport: Transport, *, pause_seconds: float) -> AsyncGenerator[JobEvent]:
    """Yield the batches that have not ended, then each that changes; it ends only when the server is lost."""
    loop = asyncio.get_running_loop()
    last: str | None = None
    heard_at = loop.time()
    while True:
        try:
            async with aclosing(transport.events("/batch/events", after=last)) as events:
                async for event in events:
                    last, heard_at = event.id or last, loop.time()
                    for told in _told(event):
                        yield told
        except Unreachable:
            if loop.time() - heard_at > _PATIENCE_SECONDS:
                raise
        await asyncio.sleep(pause_seconds)


def _told(event: Event) -> Iterator[JobEvent]:
    if event.name not in {"snapshot", "delta"}:
        return
    for entry in json.loads(event.text)["jobs"]:
        if event.name == "delta":
            yield JobEvent.model_validate(entry)
        else:
            job = Job.model_validate(entry)
            yield JobEvent(job_id=job.job_id, job=job)
