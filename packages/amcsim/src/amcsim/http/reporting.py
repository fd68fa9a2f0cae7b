"""Workflows, executions and downloads of one instance."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from amcsim.errors import BadRequest
from amcsim.executions.model import Execution, Status
from amcsim.executions.submission import ExecutionBody, to_request
from amcsim.executions.window import parse_moment
from amcsim.faults.model import FailSubmit
from amcsim.http.answers import answer, flag, page_of, read_body, refusal, vendor
from amcsim.http.gate import own_instance
from amcsim.roster import Instance
from amcsim.simulation import Simulation
from amcsim.sql.problem import SqlProblem
from amcsim.workflows import ApiModel, Workflow

_WORKFLOWS = vendor("amcworkflows")
_EXECUTIONS = vendor("amcworkflowexecutions")


class StatusChange(ApiModel):
    """The body of an execution update; only a cancel is possible."""

    status: str | None = None


async def list_workflows(simulation: Simulation, request: Request) -> Response:
    """List the saved workflows."""
    book = simulation.workflows_of(own_instance(simulation, request))
    return answer(page_of(request, book.listed(), name="workflows", show=_workflow_json), media=_WORKFLOWS)


async def create_workflow(simulation: Simulation, request: Request) -> Response:
    """Save a new workflow."""
    instance = own_instance(simulation, request)
    workflow = (await read_body(request, Workflow)).checked()
    if simulation.config.compile_mode == "sync":
        _compile_at_once(simulation, instance, workflow)
    simulation.workflows_of(instance).create(workflow)
    return answer({}, media=_WORKFLOWS)


async def get_workflow(simulation: Simulation, request: Request) -> Response:
    """Show a saved workflow."""
    book = simulation.workflows_of(own_instance(simulation, request))
    shown = _workflow_json(book.get(request.path_params["workflow_id"]))
    return answer({"workflow": shown} if simulation.config.wrapped_bodies else shown, media=_WORKFLOWS)


async def update_workflow(simulation: Simulation, request: Request) -> Response:
    """Replace a saved workflow."""
    instance = own_instance(simulation, request)
    book = simulation.workflows_of(instance)
    book.get(request.path_params["workflow_id"])
    workflow = (await read_body(request, Workflow)).checked()
    if simulation.config.compile_mode == "sync":
        _compile_at_once(simulation, instance, workflow)
    book.replace(request.path_params["workflow_id"], workflow)
    return answer({}, media=_WORKFLOWS)


async def delete_workflow(simulation: Simulation, request: Request) -> Response:
    """Delete a saved workflow."""
    simulation.workflows_of(own_instance(simulation, request)).delete(request.path_params["workflow_id"])
    return answer({}, media=_WORKFLOWS)


async def list_executions(simulation: Simulation, request: Request) -> Response:
    """List executions; cancelled ones only when asked for."""
    instance = own_instance(simulation, request)
    query = request.query_params
    if not query.get("workflowId") and not query.get("minCreationTime"):
        raise BadRequest("One of workflowId and minCreationTime must be provided")
    timezone = query.get("timeZone", "UTC")
    first, last = (
        parse_moment(query[name], timezone=timezone) if query.get(name) else None
        for name in ("minCreationTime", "maxCreationTime")
    )
    chosen = simulation.ledger.select(
        instance.instance_id,
        workflow_id=query.get("workflowId") or None,
        created_from=first,
        created_until=last,
        include_cancelled=flag(request, "includeCancelled"),
        ascending=flag(request, "sortAscending"),
    )
    include_sql = flag(request, "includeWorkflow")
    body = page_of(
        request, chosen, name="executions", show=lambda execution: execution.as_json(include_sql=include_sql)
    )
    return answer(body, media=_EXECUTIONS)


async def create_execution(simulation: Simulation, request: Request) -> Response:
    """Accept an execution."""
    instance = own_instance(simulation, request)
    failure = simulation.faults.strike(FailSubmit, instance.instance_id)
    if failure is not None:
        return refusal(failure.status, failure.details)
    body = await read_body(request, ExecutionBody)
    asked = to_request(
        body,
        instance,
        book=simulation.workflows_of(instance),
        now=simulation.clock.now(),
        config=simulation.config,
    )
    if simulation.config.compile_mode == "sync":
        try:
            simulation.engine.compile(asked)
        except SqlProblem as problem:
            raise _invalid(asked.workflow_id, problem) from problem
    execution = simulation.submit(asked)
    return _execution_answer(simulation, execution, include_sql=False)


async def get_execution(simulation: Simulation, request: Request) -> Response:
    """Show one execution."""
    execution = _own_execution(simulation, request)
    return _execution_answer(simulation, execution, include_sql=flag(request, "includeWorkflow"))


async def update_execution(simulation: Simulation, request: Request) -> Response:
    """Cancel an execution."""
    execution = _own_execution(simulation, request)
    change = await read_body(request, StatusChange)
    if change.status != Status.CANCELLED:
        raise BadRequest("Only an update of status to CANCELLED is supported")
    simulation.runner.cancel(execution)
    return answer({}, media=_EXECUTIONS)


async def delete_execution(simulation: Simulation, request: Request) -> Response:
    """Cancel an execution the way that Amazon's guide, but not its specification, shows."""
    simulation.runner.cancel(_own_execution(simulation, request))
    return answer({}, media=_EXECUTIONS)


async def get_download_urls(simulation: Simulation, request: Request) -> Response:
    """Issue fresh links to the result files."""
    execution = _own_execution(simulation, request)
    computed = execution.computed
    if execution.status is not Status.SUCCEEDED or computed is None or not computed.files:
        raise BadRequest(f"Execution with ID {execution.execution_id} is unavailable for download.")
    origin = str(request.base_url).rstrip("/")
    instance_id = execution.request.instance.instance_id
    links = [origin + simulation.links.issue(path, instance_id) for path in computed.files]
    return answer({"downloadUrls": links, "metadataDownloadUrls": []}, media=_EXECUTIONS)


def _own_execution(simulation: Simulation, request: Request) -> Execution:
    instance = own_instance(simulation, request)
    return simulation.ledger.get(instance.instance_id, request.path_params["execution_id"])


def _execution_answer(simulation: Simulation, execution: Execution, *, include_sql: bool) -> Response:
    shown = execution.as_json(include_sql=include_sql)
    return answer(
        {"workflowExecution": shown} if simulation.config.wrapped_bodies else shown, media=_EXECUTIONS
    )


def _compile_at_once(simulation: Simulation, instance: Instance, workflow: Workflow) -> None:
    try:
        simulation.engine.check(workflow, instance)
    except SqlProblem as problem:
        raise _invalid(workflow.workflow_id or f"transient_{uuid.uuid4()}", problem) from problem


def _invalid(workflow_id: str, problem: SqlProblem) -> BadRequest:
    return BadRequest(
        f"Was unable to compile workflow {workflow_id} because it was found to be invalid: {problem}"
    )


def _workflow_json(workflow: Workflow) -> dict[str, Any]:
    return workflow.model_dump(mode="json", by_alias=True, exclude_none=True)
