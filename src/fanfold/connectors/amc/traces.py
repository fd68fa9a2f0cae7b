"""Tells every call of a login to the attempt under way: what was asked, what came, and Amazon's id of it."""

from __future__ import annotations

from collections.abc import Awaitable

import httpx

from fanfold.connectors.amc import failures
from fanfold.kit.clock import Clock
from fanfold.sdk.tracing import RemoteCall, record


async def traced(
    sending: Awaitable[httpx.Response],
    request: httpx.Request,
    *,
    step: str,
    clock: Clock,
    path: str | None = None,
) -> httpx.Response:
    """Send, and tell how it went; *path* takes the place of one that is a secret. Raises as httpx does."""
    started_at = clock.now()

    def tell(response: httpx.Response | None, error: str | None = None) -> None:
        record(
            RemoteCall(
                at=started_at,
                step=step,
                method=request.method,
                path=path or request.url.path,
                status=response.status_code if response is not None else None,
                duration_ms=round((clock.now() - started_at).total_seconds() * 1000),
                request_id=failures.request_id(response) if response is not None else None,
                error=error,
            )
        )

    try:
        response = await sending
    except BaseException as raised:
        tell(None, type(raised).__name__)
        raise
    tell(response)
    return response
