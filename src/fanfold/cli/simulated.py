"""Registers what the simulator offers: its instances, and the connections that reach them.

Running it again adds what is missing and points the connections to where the simulator is now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict, Field

from fanfold.cli.exits import CannotStart
from fanfold.client.asynchronous import AsyncClient

_CONNECTOR = "amc"


class SimulatedInstance(BaseModel):
    """An instance as the simulator lists it, with all that reaching it takes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    instance_id: str = Field(alias="instanceId")
    name: str
    region: str
    aws_region: str = Field(alias="awsRegion")
    account_id: str = Field(alias="accountId")
    account_name: str = Field(alias="accountName")
    marketplace_id: str = Field(alias="marketplaceId")
    brands: tuple[str, ...] = ()
    sandbox: bool = False
    api_url: str = Field(alias="apiUrl")
    credentials: Mapping[str, str]

    @property
    def connection_name(self) -> str:
        """One login in one region is one connection."""
        return f"AMC simulator ({self.region})"

    def config(self) -> dict[str, Any]:
        """The connection's open part."""
        return {"region": self.region, "client_id": self.credentials["client_id"], "base_url": self.api_url}

    def secrets(self) -> dict[str, Any]:
        """The connection's sealed part."""
        return {name: self.credentials[name] for name in ("client_secret", "refresh_token")}

    def fields(self, connection_id: UUID) -> dict[str, Any]:
        """The instance as Fanfold's API takes it."""
        return {
            "connection_id": str(connection_id),
            "instance_id": self.instance_id,
            "name": self.name,
            "region": self.aws_region,
            "account_id": self.account_id,
            "account_name": self.account_name,
            "marketplace_id": self.marketplace_id,
            "brands": list(self.brands),
            "sandbox": self.sandbox,
            "tags": ["demo"],
        }


async def list_simulated(simulator_url: str) -> list[SimulatedInstance]:
    """Return what the simulator offers. Raises `CannotStart`."""
    try:
        async with httpx.AsyncClient(base_url=simulator_url) as http:
            answer = (await http.get("/_sim/instances")).raise_for_status()
    except httpx.HTTPError as error:
        raise CannotStart(f"The simulator at {simulator_url} does not answer: {error}.") from error
    return [SimulatedInstance.model_validate(one) for one in answer.json()["instances"]]


async def register_simulated(client: AsyncClient, offered: Sequence[SimulatedInstance]) -> None:
    """Bring the user's connections and instances to what is offered."""
    connections = await _connect(client, offered)
    known = {one.instance_id async for one in client.instances.list()}
    for one in offered:
        if one.instance_id not in known:
            await client.instances.create(**one.fields(connections[one.connection_name]))


async def _connect(client: AsyncClient, offered: Sequence[SimulatedInstance]) -> dict[str, UUID]:
    known = {one.name: one async for one in client.connections.list()}
    ids: dict[str, UUID] = {}
    for name, one in {one.connection_name: one for one in offered}.items():
        before = known.get(name)
        if before is None:
            made = await client.connections.create(
                _CONNECTOR, name, config=one.config(), secrets=one.secrets()
            )
            ids[name] = made.id
            continue
        ids[name] = before.id
        if str(before.config.get("base_url", "")).rstrip("/") != one.api_url:
            await client.connections.replace(before.id, name, config=one.config(), secrets=one.secrets())
    return ids
