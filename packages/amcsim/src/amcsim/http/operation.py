"""One API operation: what is due happens first, then the faults and the limits, then the work, then the
faults of the answer.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

from starlette.requests import Request
from starlette.responses import Response

from amcsim.errors import ApiError, Throttled
from amcsim.faults.model import Delay, HttpError, LoseResponse, MalformedJson, ResetConnection, Throttle
from amcsim.http.answers import ACCOUNTS, AUDIENCES, JSON, MEMBERS, refusal
from amcsim.http.gate import addressed
from amcsim.http.media import refuse_media
from amcsim.limits import Traffic
from amcsim.simulation import Simulation

Endpoint = Callable[[Request], Awaitable[Response]]
Handler = Callable[[Simulation, Request], Awaitable[Response]]
DROP = "amcsim.drop"


class Route(Protocol):
    """What this module needs to know of an operation."""

    @property
    def name(self) -> str:
        """Its name in the specification."""
        ...

    @property
    def handler(self) -> Handler:
        """Who does the work."""
        ...

    @property
    def media(self) -> str | None:
        """The media type of its answers; None for operations of other hosts."""
        ...

    @property
    def traffic(self) -> Traffic:
        """Whose bucket its calls are taken from."""
        ...


class ConnectionDropped(ConnectionResetError):
    """The connection was dropped on purpose."""


def operation(simulation: Simulation, route: Route) -> Endpoint:
    """Return the endpoint that answers *route*."""

    async def endpoint(request: Request) -> Response:
        simulation.count_call(route.name)
        simulation.advance()
        instance_id = addressed(simulation, request)
        response = await _before(simulation, request, route=route, instance_id=instance_id)
        if response is None:
            response = await _work(simulation, request, route=route, instance_id=instance_id)
        return _labelled(response, route)

    endpoint.__name__ = route.name
    return endpoint


async def drop_connection(request: Request) -> None:
    """Cut the connection under the request; raises ConnectionDropped, always."""
    cut = request.scope.get(DROP)
    if cut is not None:
        cut()
        while (await request.receive())["type"] != "http.disconnect":
            continue
    raise ConnectionDropped


async def _work(
    simulation: Simulation, request: Request, *, route: Route, instance_id: str | None
) -> Response:
    try:
        if route.media is not None:
            api = simulation.config.api
            refuse_media(request, route.media, mode=api.media_types, accept_status=api.accept_status)
        _take_token(simulation, request, route)
        response = await route.handler(simulation, request)
    except ApiError as error:
        return _refused(simulation, error, route=route, instance_id=instance_id)
    if simulation.faults.strike(LoseResponse, instance_id, operation=route.name):
        await drop_connection(request)
    if simulation.faults.strike(MalformedJson, instance_id, operation=route.name):
        cut = bytes(response.body)[: max(1, len(response.body) // 2)]
        return Response(cut, status_code=response.status_code, media_type=response.media_type)
    return response


def _take_token(simulation: Simulation, request: Request, route: Route) -> None:
    if route.traffic is not Traffic.TOKENS:  # whose login that is stands in the body
        simulation.take_token(simulation.tokens.login_of(request.headers.get("Authorization")), route.traffic)


def _refused(simulation: Simulation, error: ApiError, *, route: Route, instance_id: str | None) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, Throttled):
        headers = _retry_after(error.retry_after)
        _count_throttled(simulation, instance_id)
    return refusal(error.status, error.details, headers=headers, shape=_shape(route))


async def _before(
    simulation: Simulation, request: Request, *, route: Route, instance_id: str | None
) -> Response | None:
    faults, name = simulation.faults, route.name
    delay = faults.strike(Delay, instance_id, operation=name)
    if delay is not None:
        await asyncio.sleep(delay.seconds)
    if faults.strike(ResetConnection, instance_id, operation=name):
        await drop_connection(request)
    throttle = faults.strike(Throttle, instance_id, operation=name)
    if throttle is not None:
        _count_throttled(simulation, instance_id)
        headers = _retry_after(throttle.retry_after)
        return refusal(429, "Too Many Requests", headers=headers, shape=_shape(route))
    error = faults.strike(HttpError, instance_id, operation=name)
    if error is not None:
        headers = _retry_after(error.retry_after)
        shape = _shape(route) if error.shape == "amc" else error.shape
        return refusal(error.status, error.details, headers=headers, shape=shape)
    return None


def _shape(route: Route) -> Literal["amc", "gateway", "audience", "message"]:
    """Return whose error body the operation has."""
    if route.media == ACCOUNTS:
        return "gateway"
    if route.media == MEMBERS:
        return "message"
    return "audience" if route.media in AUDIENCES else "amc"


def _labelled(response: Response, route: Route) -> Response:
    if route.media is not None and response.headers.get("Content-Type") == JSON:
        response.headers["Content-Type"] = route.media
    return response


def _count_throttled(simulation: Simulation, instance_id: str | None) -> None:
    if instance_id is not None:
        simulation.stats.count("throttled", instance_id, workflow_id=None)


def _retry_after(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(math.ceil(seconds))}
