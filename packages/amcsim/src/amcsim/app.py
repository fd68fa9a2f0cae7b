"""The ASGI application: a table of routes, and the task that keeps executions moving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from amcsim.clock import Clock
from amcsim.config import SimulatorConfig
from amcsim.engine import DuckdbEngine
from amcsim.http.answers import refusal
from amcsim.http.operation import Endpoint, Handler, operation
from amcsim.http.routes import API, CONTROL
from amcsim.simulation import Simulation


def create_app(
    config: SimulatorConfig | None = None, *, clock: Clock | None = None, engine: DuckdbEngine | None = None
) -> Starlette:
    """Return the application; its simulation is `app.state.simulation`, its data are those of *engine*.

    It works without its lifespan too: whatever is due happens before each call is answered.
    """
    simulation = Simulation(config or SimulatorConfig(), clock=clock, engine=engine)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        mover = asyncio.create_task(simulation.run())
        try:
            yield
        finally:
            mover.cancel()
            with suppress(asyncio.CancelledError):
                await mover
            simulation.close()

    routes = [Route(route.path, operation(simulation, route), methods=[route.method]) for route in API]
    routes += [
        Route(path, _bound(simulation, handler), methods=[method]) for method, path, handler in CONTROL
    ]
    routes.append(Route("/", _to_status_page))
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: _not_found, 405: _not_allowed})
    app.state.simulation = simulation
    return app


def _bound(simulation: Simulation, handler: Handler) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await handler(simulation, request)

    return endpoint


async def _to_status_page(_: Request) -> Response:
    return RedirectResponse("/_sim/")


async def _not_found(request: Request, _: Exception) -> Response:
    return refusal(404, f"No such resource: {request.url.path}")


async def _not_allowed(request: Request, _: Exception) -> Response:
    return refusal(405, f"Method {request.method} is not allowed here")
