"""One API operation: what is due happens first, then the faults, then the work, then the faults of the
answer.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from amcsim.errors import ApiError
from amcsim.faults.model import Delay, HttpError, LoseResponse, MalformedJson, ResetConnection, Throttle
from amcsim.http.answers import refusal
from amcsim.simulation import Simulation

Endpoint = Callable[[Request], Awaitable[Response]]
Handler = Callable[[Simulation, Request], Awaitable[Response]]
DROP = "amcsim.drop"


class ConnectionDropped(ConnectionResetError):
    """The connection was dropped on purpose."""


def operation(simulation: Simulation, *, name: str, handler: Handler) -> Endpoint:
    """Return the endpoint that runs *handler* as the AMC operation *name*."""

    async def endpoint(request: Request) -> Response:
        simulation.runner.advance()
        instance_id: str | None = request.path_params.get("instance_id")
        struck = await _before(simulation, request, name=name, instance_id=instance_id)
        if struck is not None:
            return struck
        try:
            response = await handler(simulation, request)
        except ApiError as error:
            return refusal(error.status, error.details)
        if simulation.faults.strike(LoseResponse, instance_id, operation=name):
            await drop_connection(request)
        if simulation.faults.strike(MalformedJson, instance_id, operation=name):
            cut = bytes(response.body)[: max(1, len(response.body) // 2)]
            return Response(cut, status_code=response.status_code, media_type=response.media_type)
        return response

    endpoint.__name__ = name
    return endpoint


async def drop_connection(request: Request) -> None:
    """Cut the connection under the request; raises ConnectionDropped, always."""
    cut = request.scope.get(DROP)
    if cut is not None:
        cut()
        while (await request.receive())["type"] != "http.disconnect":
            continue
    raise ConnectionDropped


async def _before(
    simulation: Simulation, request: Request, *, name: str, instance_id: str | None
) -> Response | None:
    faults = simulation.faults
    delay = faults.strike(Delay, instance_id, operation=name)
    if delay is not None:
        await asyncio.sleep(delay.seconds)
    if faults.strike(ResetConnection, instance_id, operation=name):
        await drop_connection(request)
    throttle = faults.strike(Throttle, instance_id, operation=name)
    if throttle is not None:
        if instance_id is not None:
            simulation.stats.count("throttled", instance_id, workflow_id=None)
        return refusal(429, "Too Many Requests", headers=_retry_after(throttle.retry_after))
    error = faults.strike(HttpError, instance_id, operation=name)
    if error is not None:
        return refusal(error.status, error.details, headers=_retry_after(error.retry_after))
    return None


def _retry_after(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(math.ceil(seconds))}
