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
from amcsim.http import control, discovery, downloads, reporting
from amcsim.http.answers import refusal
from amcsim.http.operation import Endpoint, Handler, operation
from amcsim.simulation import Simulation

_REPORTING = "/amc/reporting/{instance_id}"
_API: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", "/auth/o2/token", "getToken", discovery.get_token),
    ("GET", "/amc/accounts", "listAccounts", discovery.list_accounts),
    ("GET", "/amc/instances", "listInstances", discovery.list_instances),
    ("GET", "/amc/instances/{instance_id}", "getInstance", discovery.get_instance),
    ("GET", _REPORTING + "/dataSources", "listDataSources", discovery.list_data_sources),
    ("GET", _REPORTING + "/dataSources/{data_source_id}", "getDataSource", discovery.get_data_source),
    ("GET", _REPORTING + "/workflows", "listWorkflows", reporting.list_workflows),
    ("POST", _REPORTING + "/workflows", "createWorkflow", reporting.create_workflow),
    ("GET", _REPORTING + "/workflows/{workflow_id}", "getWorkflow", reporting.get_workflow),
    ("PUT", _REPORTING + "/workflows/{workflow_id}", "updateWorkflow", reporting.update_workflow),
    ("DELETE", _REPORTING + "/workflows/{workflow_id}", "deleteWorkflow", reporting.delete_workflow),
    ("GET", _REPORTING + "/workflowExecutions", "listWorkflowExecutions", reporting.list_executions),
    ("POST", _REPORTING + "/workflowExecutions", "createWorkflowExecution", reporting.create_execution),
    (
        "GET",
        _REPORTING + "/workflowExecutions/{execution_id}",
        "getWorkflowExecution",
        reporting.get_execution,
    ),
    (
        "PUT",
        _REPORTING + "/workflowExecutions/{execution_id}",
        "updateWorkflowExecution",
        reporting.update_execution,
    ),
    (
        "DELETE",
        _REPORTING + "/workflowExecutions/{execution_id}",
        "deleteWorkflowExecution",
        reporting.delete_execution,
    ),
    (
        "GET",
        _REPORTING + "/workflowExecutions/{execution_id}/downloadUrls",
        "getWorkflowExecutionDownloadUrls",
        reporting.get_download_urls,
    ),
    ("GET", "/_downloads/{token}/{name}", "downloadFile", downloads.download),
)
_CONTROL: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/_sim/", control.status_page),
    ("GET", "/_sim/stats", control.get_stats),
    ("GET", "/_sim/instances", control.list_sim_instances),
    ("GET", "/_sim/faults", control.get_faults),
    ("POST", "/_sim/faults", control.set_faults),
    ("DELETE", "/_sim/faults", control.clear_faults),
    ("GET", "/_sim/faults/schema", control.get_fault_schema),
    ("DELETE", "/_sim/faults/{fault_id}", control.clear_faults),
)


def create_app(
    config: SimulatorConfig | None = None, *, clock: Clock | None = None, engine: DuckdbEngine | None = None
) -> Starlette:
    """Return the application; its simulation is `app.state.simulation`, its data are those of *engine*.

    It works without its lifespan too: whatever is due happens before each call is answered.
    """
    simulation = Simulation(config or SimulatorConfig(), clock=clock, engine=engine)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        mover = asyncio.create_task(simulation.runner.run())
        try:
            yield
        finally:
            mover.cancel()
            with suppress(asyncio.CancelledError):
                await mover
            simulation.close()

    routes = [
        Route(path, operation(simulation, name=name, handler=handler), methods=[method])
        for method, path, name, handler in _API
    ]
    routes += [
        Route(path, _bound(simulation, handler), methods=[method]) for method, path, handler in _CONTROL
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
