"""Discovery of instances through a connection, and their import."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.targets.discovery_schemas import DiscoverForm, DiscoveryView, ImportForm
from fanfold.targets.importing import Importer

router = APIRouter(prefix="/connections", tags=["connections"], route_class=IdempotentRoute)


async def importer(request: Request) -> Importer:
    """Return the application's service."""
    return request.app.state.services.importer


Service = Annotated[Importer, Depends(importer)]


@router.post("/{connection_id}/discover")
async def discover_instances(
    *, connection_id: UUID, user: CurrentUser, service: Service, body: DiscoverForm | None = None
) -> DiscoveryView:
    """Show what a connection reaches and what an import would do; an account that fails stops no other."""
    wanted = body or DiscoverForm()
    found = await service.preview(
        connection_id, user_id=user.id, also=wanted.also(), wording=wanted.wording()
    )
    return DiscoveryView.of(found)


@router.post("/{connection_id}/import")
async def import_instances(
    *, connection_id: UUID, user: CurrentUser, service: Service, body: ImportForm | None = None
) -> DiscoveryView:
    """Bring what a connection reaches into your instances; what is gone stays unless you say otherwise."""
    wanted = body or ImportForm()
    done = await service.bring_in(connection_id, wanted.wanted(), user_id=user.id, also=wanted.also())
    return DiscoveryView.of(done)
