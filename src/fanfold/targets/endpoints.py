"""The AMC instances of the acting user."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, status

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.targets.model import Sort
from fanfold.targets.schemas import (
    FilterQuery,
    InstanceEdit,
    InstanceIds,
    InstanceList,
    InstancePage,
    InstanceView,
    Lookup,
)
from fanfold.targets.service import InstanceService

router = APIRouter(prefix="/instances", tags=["instances"], route_class=IdempotentRoute)


class SearchQuery(FilterQuery):
    """A search, as query parameters."""

    sort: Sort = "name"
    limit: Annotated[int, Query(ge=1, le=200)] = 50
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0


async def instance_service(request: Request) -> InstanceService:
    """Return the application's service."""
    return request.app.state.services.instances


Service = Annotated[InstanceService, Depends(instance_service)]


@router.get("")
async def search_instances(
    *, query: Annotated[SearchQuery, Query()], user: CurrentUser, service: Service
) -> InstancePage:
    """Search instances; the facets say what the search can be narrowed by."""
    found = await service.search(
        query.wanted(), user_id=user.id, sort=query.sort, limit=query.limit, offset=query.offset
    )
    return InstancePage.of(found, limit=query.limit, offset=query.offset)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_instance(*, body: InstanceEdit, user: CurrentUser, service: Service) -> InstanceView:
    """Add an instance."""
    return InstanceView.of(
        await service.create(
            body.details(), user_id=user.id, connection_id=body.connection_id, bounds=body.bounds()
        )
    )


@router.get("/ids")
async def list_matching_ids(
    *, query: Annotated[FilterQuery, Query()], user: CurrentUser, service: Service
) -> InstanceIds:
    """Give the ids of everything that a search finds: select all matching."""
    ids, total = await service.ids(query.wanted(), user_id=user.id)
    return InstanceIds(ids=ids, total=total)


@router.post("/lookup")
async def look_up_instances(*, body: Lookup, user: CurrentUser, service: Service) -> InstanceList:
    """Give the instances of these ids; what is not yours is left out."""
    found = await service.lookup(body.ids, user_id=user.id)
    return InstanceList(items=[InstanceView.of(instance) for instance in found])


@router.get("/{instance_uuid}")
async def show_instance(*, instance_uuid: UUID, user: CurrentUser, service: Service) -> InstanceView:
    """Show an instance."""
    return InstanceView.of(await service.get(instance_uuid, user_id=user.id))


@router.put("/{instance_uuid}")
async def replace_instance(
    *, instance_uuid: UUID, body: InstanceEdit, user: CurrentUser, service: Service
) -> InstanceView:
    """Replace what is said of an instance; batches keep what they were submitted with."""
    return InstanceView.of(
        await service.replace(
            instance_uuid,
            body.details(),
            user_id=user.id,
            connection_id=body.connection_id,
            bounds=body.bounds(),
        )
    )


@router.delete("/{instance_uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_instance(*, instance_uuid: UUID, user: CurrentUser, service: Service) -> None:
    """Remove an instance; its batches stay."""
    await service.delete(instance_uuid, user_id=user.id)
