"""What the simulator is doing, for people and for tests."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from amcsim.executions.model import Execution
from amcsim.http.status_page import render
from amcsim.simulation import Simulation

_SHOWN = 100


async def status_page(simulation: Simulation, _: Request) -> Response:
    """Show instances, queues, executions, faults and limits to a person."""
    simulation.advance()
    return HTMLResponse(render(simulation))


async def list_sim_executions(simulation: Simulation, request: Request) -> Response:
    """List executions of all instances, the newest first, with their warnings; at most `limit`."""
    simulation.advance()
    query = request.query_params
    limit = query.get("limit", str(_SHOWN))
    if not limit.isdecimal():
        return JSONResponse({"error": f"limit '{limit}' is no number"}, status_code=400)
    shown = [
        _execution_json(execution)
        for execution in simulation.ledger.newest()
        if query.get("instance_id") in {None, execution.request.instance.instance_id}
        and query.get("status") in {None, execution.status.value}
    ]
    return JSONResponse({"executions": shown[: int(limit)], "total": len(shown)})


async def list_sim_schedules(simulation: Simulation, _: Request) -> Response:
    """List the schedules of all instances with when each runs next."""
    shown = [
        {
            "instanceId": instance_id,
            "scheduleId": schedule.schedule_id,
            "workflowId": schedule.workflow_id,
            "nextRunTime": None if next_at is None else next_at.isoformat(),
        }
        for instance_id, schedule, next_at in simulation.planned()
    ]
    return JSONResponse({"schedules": shown})


def _execution_json(execution: Execution) -> dict[str, Any]:
    computed = execution.computed
    return {
        "instanceId": execution.request.instance.instance_id,
        **execution.as_json(),
        "warnings": list(execution.warnings),
        "rowCount": None if computed is None else computed.row_count,
    }
