"""Connections over HTTP: configured, credentialed systems. Secrets go in and never come back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypedDict, Unpack
from uuid import UUID

from fanfold.client.discovery import ConnectionHealth, Discovery
from fanfold.client.errors import BadInput
from fanfold.client.models import Connected, ProbeReport
from fanfold.client.transport import Transport


class Discovering(TypedDict, total=False):
    """Where to look, and what to make of it."""

    accounts: Sequence[Mapping[str, str]]
    """`{"account_id": …, "marketplace_id": …}` of what the login may not list; the latter may be left out."""
    tags: Sequence[str]
    rename: bool
    """Names and brands of known instances follow AMC."""


class Importing(Discovering, total=False):
    """What to bring in."""

    instance_ids: Sequence[str]
    """AMC ids; left out: all."""
    remove_gone: bool


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

    async def check(self, connection_id: UUID, *, instances: int = 20) -> ConnectionHealth:
        """Look at each step that work takes: sign-in, accounts, and the tables of so many *instances*."""
        answer = await self._transport.post(f"/connections/{connection_id}/check", {"instances": instances})
        return ConnectionHealth.model_validate(answer.json())

    async def discover(self, connection_id: UUID, **asked: Unpack[Discovering]) -> Discovery:
        """Show what the login reaches and what an import would do; changes nothing."""
        answer = await self._transport.post(f"/connections/{connection_id}/discover", dict(asked))
        return Discovery.model_validate(answer.json())

    async def import_instances(self, connection_id: UUID, **asked: Unpack[Importing]) -> Discovery:
        """Create and update the user's instances by what the login reaches; twice is the same as once.

        What is gone stays unless `remove_gone` is set. Raises `BadInput` for ids that are not reached.
        """
        answer = await self._transport.post(f"/connections/{connection_id}/import", dict(asked))
        return Discovery.model_validate(answer.json())

    async def resolve(self, reference: str | UUID) -> UUID:
        """Return the id of a connection by its id or name. Raises `BadInput`."""
        text = str(reference)
        fitting = [one.id async for one in self.list() if text in {one.name, str(one.id)}]
        if len(fitting) != 1:
            raise BadInput(400, f"No connection is called {text!r}.", code="unknown_connection")
        return fitting[0]

    async def delete(self, connection_id: UUID) -> None:
        """Remove a connection. Raises `Conflict` while an instance uses it."""
        await self._transport.delete(f"/connections/{connection_id}")
