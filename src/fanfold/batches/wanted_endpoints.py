"""Ends a question whose asker has gone: what it holds, others may be waiting for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

T = TypeVar("T")

_LOOK_SECONDS = 0.5
CLIENT_GONE = 408
"""A status that nobody reads but logs."""


class WantedRoute(APIRoute):
    """A route without a body that works as long as somebody waits for its answer."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        answer = super().get_route_handler()
        if self.methods != {"GET"}:
            # Whoever looks for the end of the connection would take pieces of the body.
            return answer

        async def wanted(request: Request) -> Response:
            return await while_wanted(request, answer(request))

        return wanted


async def while_wanted(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what *work* returns; its body must have been read. Ends it when the client is gone."""
    working = asyncio.create_task(work)
    try:
        while not (await asyncio.wait({working}, timeout=_LOOK_SECONDS))[0]:
            if await request.is_disconnected():
                raise HTTPException(CLIENT_GONE, "The client has gone.")
        return working.result()
    finally:
        if not working.done():
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
