"""Connections over HTTP: configured, credentialed systems. Secrets go in and never come back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from fanfold.client.models import Connected, ProbeReport
from fanfold.client.transport import Transport


class AsyncConnections:
    """The connections that the user may see."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(self) -> AsyncIterator[Connected]:
        """Yield connections by name."""
        async for connection in self._transport.pages("/connections", Connected):
            yield connection

    async def create(
        self, connector: str, name: str, *, config: Mapping[str, Any], secrets: Mapping[str, Any]
    ) -> Connected:
        """Store a new connection. Raises `BadInput`."""
        body = {"connector": connector, "name": name, "config": dict(config), "secrets": dict(secrets)}
        return Connected.model_validate((await self._transport.post("/connections", body)).json())

    async def replace(
        self,
        connection_id: UUID,
        name: str,
        *,
        config: Mapping[str, Any],
        secrets: Mapping[str, Any] | None = None,
    ) -> Connected:
        """Change a connection; its secrets only when some are given."""
        body: dict[str, Any] = {"name": name, "config": dict(config)}
        if secrets is not None:
            body["secrets"] = dict(secrets)
        return Connected.model_validate(
            (await self._transport.put(f"/connections/{connection_id}", body)).json()
        )

    async def test(self, connection_id: UUID) -> ProbeReport:
        """Try it; the answer names the step that fails."""
        return ProbeReport.model_validate(
            (await self._transport.post(f"/connections/{connection_id}/test")).json()
        )

    async def delete(self, connection_id: UUID) -> None:
        """Remove a connection. Raises `Conflict` while an instance uses it."""
        await self._transport.delete(f"/connections/{connection_id}")
