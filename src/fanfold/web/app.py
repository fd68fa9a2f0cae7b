"""Composes the HTTP application; every decision lives in what it composes."""

from __future__ import annotations

from fastapi import FastAPI

import fanfold
from fanfold.access import endpoints as access
from fanfold.batches import analysis_endpoints as analysis
from fanfold.batches import control_endpoints as control
from fanfold.batches import endpoints as batches
from fanfold.batches import export_endpoints as exports
from fanfold.batches import live_endpoints as live
from fanfold.batches import results_aggregate_endpoints as results_aggregate
from fanfold.batches import results_analysis_endpoints as results_analysis
from fanfold.batches import results_endpoints as results
from fanfold.batches import retry_endpoints as retries
from fanfold.batches import worker_endpoints as workers
from fanfold.batches.creation import endpoints as creation
from fanfold.connections import endpoints as connections
from fanfold.connections import health_endpoints as connection_health
from fanfold.limits import endpoints as limits
from fanfold.targets import discovery_endpoints as discovery
from fanfold.targets import endpoints as targets
from fanfold.web import endpoints as server
from fanfold.web import reference
from fanfold.web.errors import add_error_handlers
from fanfold.web.middleware import RequestScope
from fanfold.web.openapi import DescribedApp, operation_id
from fanfold.web.services import Services
from fanfold.web.static_files import add_ui
from fanfold.workflows import endpoints as workflows
from fanfold.workflows import fetching_endpoints as result_fetching
from fanfold.workflows import file_endpoints as workflow_files
from fanfold.workflows import instance_check_endpoints as instance_checks
from fanfold.workflows import library_endpoints as workflow_library
from fanfold.workflows import saving_endpoints as workflow_saving
from fanfold.workflows.contract_a import endpoints as contract_a

_DESCRIPTION = "Runs one piece of work across many targets at once, and folds the answers back into one."


def create_app(services: Services) -> FastAPI:
    """Return the application over services that are open; close the services after the server has stopped."""
    app = build_app()
    app.state.services = services
    return app


def build_app() -> FastAPI:
    """Return the application without services: all that its OpenAPI document needs."""
    app = DescribedApp(
        title="Fanfold",
        version=fanfold.__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
        separate_input_output_schemas=False,
    )
    # What is polled comes first, for every route before it costs time. Contract A comes before the workflows:
    # `/workflows/batch/...` must not be taken for the workflow `batch`.
    app.include_router(contract_a.polled)
    app.include_router(contract_a.wanted)
    for module in (
        batches,
        control,
        limits,
        retries,
        results,
        results_analysis,
        results_aggregate,
        analysis,
        exports,
        creation,
        live,
        contract_a,
        workflow_library,
        workflow_files,
        instance_checks,
        workflow_saving,
        result_fetching,
        workflows,
        targets,
        access,
        connections,
        connection_health,
        discovery,
        server,
        workers,
    ):
        app.include_router(module.router)
    reference.add_reference(app)
    add_ui(app)
    add_error_handlers(app)
    app.add_middleware(RequestScope)
    return app
