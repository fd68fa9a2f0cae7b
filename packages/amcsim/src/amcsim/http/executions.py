"""Executions of one instance and the links to their results."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from amcsim.errors import BadRequest
from amcsim.executions.metadata import metadata_file
from amcsim.executions.model import Execution, Status
from amcsim.executions.runner import refuse_ended
from amcsim.executions.submission import ExecutionBody, to_request
from amcsim.executions.window import parse_moment
from amcsim.faults.model import FailSubmit, OddStatus
from amcsim.http.answers import answer, carried_by, flag, page_of, read_body, refusal, single
from amcsim.http.gate import own_instance
from amcsim.http.workflows import invalid
from amcsim.simulation import Simulation
from amcsim.sql.problem import SqlProblem
from amcsim.workflows import ApiModel


class StatusChange(ApiModel):
    """The body of an execution update; only a cancel is possible."""

    status: str | None = None


async def list_executions(simulation: Simulation, request: Request) -> Response:
    """List executions; cancelled ones only when asked for."""
    instance = own_instance(simulation, request)
    query = _filters(simulation, request)
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
        include_cancelled=flag(query, "includeCancelled"),
        ascending=flag(query, "sortAscending"),
    )
    include_sql = flag(query, "includeWorkflow")
    return answer(
        page_of(
            simulation,
            request,
            things=chosen,
            name="executions",
            show=lambda execution: _execution_json(simulation, execution, include_sql=include_sql),
            carried=urlencode(query) if simulation.config.api.page_filters == "carried" else "",
        )
    )


async def create_execution(simulation: Simulation, request: Request) -> Response:
    """Accept an execution."""
    instance = own_instance(simulation, request)
    failure = simulation.faults.strike(FailSubmit, instance.instance_id)
    if failure is not None:
        return refusal(failure.status, failure.details)
    body = await read_body(simulation, request, model=ExecutionBody)
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
            raise invalid(asked.workflow_id, problem) from problem
    if not asked.dry_run:
        _refuse_over_daily(simulation, instance.instance_id)
    execution = simulation.submit(asked)
    return _execution_answer(simulation, execution, include_sql=False)


async def get_execution(simulation: Simulation, request: Request) -> Response:
    """Show one execution."""
    execution = _own_execution(simulation, request)
    return _execution_answer(simulation, execution, include_sql=flag(request.query_params, "includeWorkflow"))


async def update_execution(simulation: Simulation, request: Request) -> Response:
    """Cancel an execution."""
    execution = _own_execution(simulation, request)
    change = await read_body(simulation, request, model=StatusChange)
    if change.status not in {None, Status.CANCELLED}:
        raise BadRequest("Only an update of status to CANCELLED is supported")
    refuse_ended(execution)
    if change.status is not None:  # a field that is missing is ignored, as the specification says
        simulation.runner.cancel(execution)
    return answer({})


async def delete_execution(simulation: Simulation, request: Request) -> Response:
    """Cancel an execution the way that Amazon's guide, but not its specification, shows."""
    execution = _own_execution(simulation, request)
    if not simulation.config.api.delete_cancels:
        raise BadRequest("Method DELETE is not allowed here", status=405)
    simulation.runner.cancel(execution)
    return answer({})


async def get_download_urls(simulation: Simulation, request: Request) -> Response:
    """Issue fresh links to the result files and to what is known about the run."""
    execution = _own_execution(simulation, request)
    computed = execution.computed
    kept_for = timedelta(days=simulation.config.api.result_days)
    ended = execution.finished_at or simulation.clock.now()
    is_old = simulation.clock.now() >= ended + kept_for
    if execution.status is not Status.SUCCEEDED or computed is None or not computed.files or is_old:
        text = f"Execution with ID {execution.execution_id} is unavailable for download."
        raise BadRequest(text, status=simulation.config.api.unready_status)
    origin = str(request.base_url).rstrip("/")
    instance_id = execution.request.instance.instance_id
    metadata = [metadata_file(execution)] if simulation.config.api.metadata_files else []
    links, metadata_links = (
        [origin + simulation.links.issue(path, instance_id) for path in paths]
        for paths in (computed.files, metadata)
    )
    return answer({"downloadUrls": links, "metadataDownloadUrls": metadata_links})


def _filters(simulation: Simulation, request: Request) -> Mapping[str, str]:
    """Return what the list is narrowed by: the parameters, or those that the token carries."""
    carried = carried_by(request.query_params.get("nextToken"))
    if simulation.config.api.page_filters == "carried" and carried:
        return dict(parse_qsl(carried))
    unpaged = {"nextToken", "limit"}
    return {name: value for name, value in request.query_params.items() if name not in unpaged}


def _refuse_over_daily(simulation: Simulation, instance_id: str) -> None:
    allowed = simulation.config.api.ad_hoc_per_day
    midnight = simulation.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if allowed is not None and simulation.ledger.ad_hoc_since(instance_id, midnight) >= allowed:
        text = f"The limit of {allowed} ad hoc workflow executions per day is exceeded."
        raise BadRequest(text, status=429)


def _own_execution(simulation: Simulation, request: Request) -> Execution:
    instance = own_instance(simulation, request)
    return simulation.ledger.get(instance.instance_id, request.path_params["execution_id"])


def _execution_answer(simulation: Simulation, execution: Execution, *, include_sql: bool) -> Response:
    shown = _execution_json(simulation, execution, include_sql=include_sql)
    return answer(single(simulation, shown, name="workflowExecution"))


def _execution_json(simulation: Simulation, execution: Execution, *, include_sql: bool) -> dict[str, Any]:
    shown = execution.as_json(include_sql=include_sql)
    options = simulation.config.api
    if execution.status is Status.RUNNING:
        odd = simulation.faults.strike(OddStatus, execution.request.instance.instance_id)
        shown["status"] = shown["status"] if odd is None else odd.status
    if options.output_channels:
        shown["outputChannels"] = execution.channels_json()
    if options.warnings == "status_reason" and execution.status is Status.SUCCEEDED and execution.warnings:
        shown["statusReason"] = " ".join(execution.warnings)
    return shown
