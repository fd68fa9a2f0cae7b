"""The connections of the acting user."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.access.paging import Page, PageLimit, PageOffset
from fanfold.connections.schemas import ConnectionEdit, ConnectionNew, ConnectionView, ProbeView
from fanfold.connections.service import ConnectionService

router = APIRouter(prefix="/connections", tags=["connections"], route_class=IdempotentRoute)


async def connection_service(request: Request) -> ConnectionService:
    """Return the application's service."""
    return request.app.state.services.connections


Service = Annotated[ConnectionService, Depends(connection_service)]


@router.get("")
async def list_connections(
    *, user: CurrentUser, service: Service, limit: PageLimit = 50, offset: PageOffset = 0
) -> Page[ConnectionView]:
    """List connections by name."""
    found, total = await service.page(user_id=user.id, limit=limit, offset=offset)
    items = [ConnectionView.of(connection) for connection in found]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_connection(*, body: ConnectionNew, user: CurrentUser, service: Service) -> ConnectionView:
    """Store a connection; its secrets are sealed and never given again."""
    return ConnectionView.of(await service.create(body.connector, body.draft(), user_id=user.id))


@router.get("/{connection_id}")
async def show_connection(*, connection_id: UUID, user: CurrentUser, service: Service) -> ConnectionView:
    """Show a connection without its secrets."""
    return ConnectionView.of(await service.get(connection_id, user_id=user.id))


@router.put("/{connection_id}")
async def replace_connection(
    *, connection_id: UUID, body: ConnectionEdit, user: CurrentUser, service: Service
) -> ConnectionView:
    """Replace what a connection says; workers notice within seconds."""
    return ConnectionView.of(await service.replace(connection_id, body.draft(), user_id=user.id))


@router.post("/{connection_id}/test")
async def test_connection(*, connection_id: UUID, user: CurrentUser, service: Service) -> ProbeView:
    """Try a connection; the answer names the step that fails."""
    return ProbeView.of(await service.probe(connection_id, user_id=user.id))


@router.delete("/{connection_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_connection(*, connection_id: UUID, user: CurrentUser, service: Service) -> None:
    """Remove a connection that no instance uses."""
    await service.delete(connection_id, user_id=user.id)
