"""Workers over HTTP: who works, and on what."""

from __future__ import annotations

from collections.abc import Sequence

from fanfold.client.models import Worker
from fanfold.client.transport import Transport


class AsyncWorkers:
    """The processes that run operations."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(self) -> Sequence[Worker]:
        """Return the workers that live, then those that went within the last hour."""
        answer = (await self._transport.get("/batch/workers")).json()
        return [Worker.model_validate(one) for one in answer["items"]]
