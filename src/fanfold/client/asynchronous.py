"""The async client: one object per server and user.

async with AsyncClient() as client:
    batch = await client.batches.run("reach-by-day", ["amc-us-1", "amc-us-2"])
    await batch.wait()
    table = await batch.results().to_arrow()
"""

from __future__ import annotations

from typing import Self

import httpx

from fanfold.client.batches import AsyncBatches
from fanfold.client.connection import find_connection
from fanfold.client.connections import AsyncConnections
from fanfold.client.instances import AsyncInstances
from fanfold.client.models import Health
from fanfold.client.transport import Transport
from fanfold.client.workflows import AsyncWorkflows
from fanfold.settings import Settings, load_settings


class AsyncClient:
    """Talks to one server for one user; by default to the one that the settings name."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        settings: Settings | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        settings = settings or load_settings()
        place = find_connection(url, token, settings=settings)
        self.transport = Transport(place.url, place.token, inner=transport)
        self.connections = AsyncConnections(self.transport)
        self.instances = AsyncInstances(self.transport)
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

    async def close(self) -> None:
        """Close the connections."""
        await self.transport.close()
