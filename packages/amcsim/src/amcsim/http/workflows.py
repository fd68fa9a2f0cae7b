"""Saved workflows of one instance."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from amcsim.errors import BadRequest
from amcsim.http.answers import answer, page_of, read_body, single
from amcsim.http.gate import own_instance
from amcsim.roster import Instance
from amcsim.simulation import Simulation
from amcsim.sql.problem import SqlProblem
from amcsim.workflows import Workflow


async def list_workflows(simulation: Simulation, request: Request) -> Response:
    """List the saved workflows."""
    listed = simulation.workflows_of(own_instance(simulation, request)).listed()
    return answer(page_of(simulation, request, things=listed, name="workflows", show=_workflow_json))


async def create_workflow(simulation: Simulation, request: Request) -> Response:
    """Save a new workflow."""
    instance = own_instance(simulation, request)
    workflow = await _read(simulation, request, instance)
    simulation.workflows_of(instance).create(
        workflow, duplicate_status=simulation.config.api.duplicate_status
    )
    return answer({})


async def get_workflow(simulation: Simulation, request: Request) -> Response:
    """Show a saved workflow."""
    book = simulation.workflows_of(own_instance(simulation, request))
    shown = _workflow_json(book.get(request.path_params["workflow_id"]))
    return answer(single(simulation, shown, name="workflow"))


async def update_workflow(simulation: Simulation, request: Request) -> Response:
    """Replace the whole definition of a saved workflow; what is left out is gone."""
    instance = own_instance(simulation, request)
    book = simulation.workflows_of(instance)
    workflow_id = request.path_params["workflow_id"]
    book.get(workflow_id, missing_status=simulation.config.api.unknown_replace_status)
    book.replace(workflow_id, await _read(simulation, request, instance))
    return answer({})


async def delete_workflow(simulation: Simulation, request: Request) -> Response:
    """Delete a saved workflow unless a schedule runs it."""
    instance = own_instance(simulation, request)
    workflow_id = request.path_params["workflow_id"]
    book = simulation.workflows_of(instance)
    book.get(workflow_id)
    if simulation.schedules_of(instance).refers_to(workflow_id):
        text = f"Workflow with ID {workflow_id} cannot be deleted because it is referenced by a schedule."
        raise BadRequest(text, status=simulation.config.api.scheduled_delete_status)
    book.delete(workflow_id)
    return answer({})


def invalid(workflow_id: str, problem: SqlProblem) -> BadRequest:
    """Return the refusal of a workflow that does not compile."""
    return BadRequest(
        f"Was unable to compile workflow {workflow_id} because it was found to be invalid: {problem}"
    )


async def _read(simulation: Simulation, request: Request, instance: Instance) -> Workflow:
    required = simulation.config.api.array_nullable == "required"
    workflow = (await read_body(simulation, request, model=Workflow)).checked(nullable_required=required)
    if simulation.config.compile_mode == "sync":
        try:
            simulation.engine.check(workflow, instance)
        except SqlProblem as problem:
            raise invalid(workflow.workflow_id or f"transient_{uuid.uuid4()}", problem) from problem
    return workflow


def _workflow_json(workflow: Workflow) -> dict[str, Any]:
    return workflow.model_dump(mode="json", by_alias=True, exclude_none=True)
