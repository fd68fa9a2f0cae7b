"""Schedules of one instance."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from amcsim.errors import BadRequest, NotFound
from amcsim.http.answers import answer, page_of, read_body, single
from amcsim.http.gate import own_instance
from amcsim.roster import Instance
from amcsim.schedules import Schedule
from amcsim.simulation import Simulation


async def list_schedules(simulation: Simulation, request: Request) -> Response:
    """List the schedules, those of one marketplace when asked for."""
    book = simulation.schedules_of(own_instance(simulation, request))
    listed = book.listed(_marketplace(request))
    return answer(page_of(simulation, request, things=listed, name="schedules", show=_schedule_json))


async def create_schedule(simulation: Simulation, request: Request) -> Response:
    """Begin to run a saved workflow every day or every week."""
    instance = own_instance(simulation, request)
    schedule = await _read(simulation, request, instance)
    simulation.schedules_of(instance).create(
        schedule, now=simulation.clock.now(), duplicate_status=simulation.config.api.duplicate_status
    )
    simulation.stir()
    return answer({})


async def get_schedule(simulation: Simulation, request: Request) -> Response:
    """Show one schedule."""
    book = simulation.schedules_of(own_instance(simulation, request))
    schedule = book.get(request.path_params["schedule_id"], _marketplace(request))
    return answer(single(simulation, _schedule_json(schedule), name="schedule"))


async def update_schedule(simulation: Simulation, request: Request) -> Response:
    """Replace a schedule; its next run is counted from now."""
    instance = own_instance(simulation, request)
    book = simulation.schedules_of(instance)
    schedule_id = request.path_params["schedule_id"]
    book.get(schedule_id)
    schedule = await _read(simulation, request, instance)
    book.replace(schedule_id, schedule, now=simulation.clock.now())
    simulation.stir()
    return answer({})


async def delete_schedule(simulation: Simulation, request: Request) -> Response:
    """End a schedule; runs that were created stay."""
    book = simulation.schedules_of(own_instance(simulation, request))
    book.delete(request.path_params["schedule_id"], _marketplace(request))
    return answer({})


def _marketplace(request: Request) -> str | None:
    return request.query_params.get("marketplaceId") or None


async def _read(simulation: Simulation, request: Request, instance: Instance) -> Schedule:
    schedule = await read_body(simulation, request, model=Schedule)
    own = instance.account.market.marketplace_id
    if schedule.marketplace_id not in {None, own}:
        raise NotFound(f"Instance {instance.instance_id} does not exist in {schedule.marketplace_id}.")
    if simulation.workflows_of(instance).find(schedule.workflow_id) is None:
        text = f"Workflow with ID {schedule.workflow_id} does not exist."
        raise BadRequest(text, status=simulation.config.api.unknown_workflow_status)
    return schedule


def _schedule_json(schedule: Schedule) -> dict[str, Any]:
    return schedule.model_dump(mode="json", by_alias=True, exclude_none=True)
