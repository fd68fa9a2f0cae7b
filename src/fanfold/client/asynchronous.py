"""The async client: one object per server and user.

async with AsyncClient() as client:
    batch = await client.batches.run("reach-by-day", ["amc-us-1", "amc-us-2"])
    await batch.wait()
    table = await batch.results().to_arrow()
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Self

import httpx

from fanfold.client.batches import AsyncBatches
from fanfold.client.connection import find_connection
from fanfold.client.connections import AsyncConnections
from fanfold.client.events import job_events
from fanfold.client.instances import AsyncInstances
from fanfold.client.limits import AsyncLimits
from fanfold.client.models import Health, JobEvent
from fanfold.client.transport import PAUSES, Transport
from fanfold.client.workers import AsyncWorkers
from fanfold.client.workflows import AsyncWorkflows
from fanfold.settings import Settings, load_settings


class AsyncClient:
    """Talks to one server for one user; by default to the one that the settings name.

    *retry_pauses* are the seconds before further tries of a request that got lost; empty: one try.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        settings: Settings | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        retry_pauses: Sequence[float] = PAUSES,
    ) -> None:
        settings = settings or load_settings()
        place = find_connection(url, token, settings=settings)
        self.transport = Transport(place.url, place.token, inner=transport, pauses=retry_pauses)
        self._longest_pause = max(retry_pauses, default=1.0)
        self.connections = AsyncConnections(self.transport)
        self.instances = AsyncInstances(self.transport)
        self.limits = AsyncLimits(self.transport)
        self.workers = AsyncWorkers(self.transport)
        self.workflows = AsyncWorkflows(self.transport)
        self.batches = AsyncBatches(
            self.transport, self.instances, poll_seconds=settings.client.poll_milliseconds / 1000
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def health(self) -> Health:
        """Tell what the server says of itself."""
        return Health.model_validate((await self.transport.report("/health")).json())

    def events(self) -> AsyncGenerator[JobEvent]:
        """Yield the batches that have not ended, then each that changes, as long as you listen."""
        return job_events(self.transport, pause_seconds=self._longest_pause)

    async def close(self) -> None:
        """Close the connections."""
        await self.transport.close()
