"""The bounds that all batches share: what they are, who holds them, and setting them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, status

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.access.paging import PageLimit, PageOffset
from fanfold.access.text import Line
from fanfold.limits.schemas import LimitChange, LimitList, LimitShown
from fanfold.limits.service import LimitService

router = APIRouter(prefix="/batch/limits", tags=["limits"], route_class=IdempotentRoute)


async def limit_service(request: Request) -> LimitService:
    """Return the application's service."""
    return request.app.state.services.limits


Service = Annotated[LimitService, Depends(limit_service)]
Key = Annotated[
    Line, Path(min_length=1, max_length=200, description="e.g. `global`, `user:…`, `kind:http`, `target:…`")
]


@router.get("")
async def list_limits(
    *,
    user: CurrentUser,
    service: Service,
    q: Annotated[Line | None, Query(max_length=200, description="a part of the key")] = None,
    full: Annotated[bool, Query(description="only those that let nothing begin now")] = False,
    limit: PageLimit = 50,
    offset: PageOffset = 0,
) -> LimitList:
    """List limits by key: administrators see all, others those that concern their own work."""
    found, total = await service.list(user, q=q or None, full=full, limit=limit, offset=offset)
    return LimitList(items=[LimitShown.of(view) for view in found], total=total, limit=limit, offset=offset)


@router.post("/{key:path}/reset-breaker")
async def reset_breaker(*, key: Key, user: CurrentUser, service: Service) -> LimitShown:
    """Close a target's breaker now and forget its failures."""
    return LimitShown.of(await service.reset_breaker(key, user=user))


@router.post("/{key:path}/unblock")
async def unblock_limit(*, key: Key, user: CurrentUser, service: Service) -> LimitShown:
    """End the pause that a remote side asked for, and what its answers took from the cap."""
    return LimitShown.of(await service.unblock(key, user=user))


@router.get("/{key:path}")
async def get_limit(*, key: Key, user: CurrentUser, service: Service) -> LimitShown:
    """Show a limit and who holds it."""
    return LimitShown.of(await service.get(key, user))


@router.put("/{key:path}")
async def set_limit(*, key: Key, body: LimitChange, user: CurrentUser, service: Service) -> LimitShown:
    """Set a limit; the next operation that begins is bound by it, what runs is not stopped."""
    return LimitShown.of(await service.set(key, body.change(), user=user))


@router.delete("/{key:path}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_limit(*, key: Key, user: CurrentUser, service: Service) -> None:
    """Take back what a person set: what kinds and settings declare holds again."""
    await service.drop(key, user=user)
