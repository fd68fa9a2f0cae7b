"""The health of connections, step by step."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from fanfold.access.current import CurrentUser
from fanfold.connections.health import ConnectionHealth
from fanfold.connections.health_schemas import CheckForm, HealthView

router = APIRouter(prefix="/connections", tags=["connections"])


async def connection_health(request: Request) -> ConnectionHealth:
    """Return the application's service."""
    return request.app.state.services.connection_health


Service = Annotated[ConnectionHealth, Depends(connection_health)]


@router.post("/{connection_id}/check")
async def check_connection(
    *, connection_id: UUID, user: CurrentUser, service: Service, body: CheckForm | None = None
) -> HealthView:
    """Look at sign-in, accounts, instances and their tables, one after another; nothing is changed."""
    wanted = body or CheckForm()
    return HealthView.of(await service.check(connection_id, user_id=user.id, at_most=wanted.instances))
