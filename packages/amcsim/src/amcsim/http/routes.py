"""Every operation of the simulated interface: where it is, what it is called, who answers it."""

from __future__ import annotations

from dataclasses import dataclass

from amcsim.http import (
    administration,
    audiences,
    control,
    discovery,
    downloads,
    executions,
    login,
    overview,
    partners,
    schedules,
    tuning,
    workflows,
)
from amcsim.http.answers import vendor
from amcsim.http.operation import Handler
from amcsim.limits import Traffic

_REPORTING = "/amc/reporting/{instance_id}"
_INSTANCE = "/amc/instances/{instance_id}"


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One operation of AMC's interface, by the name that its specification gives it."""

    method: str
    path: str
    name: str
    handler: Handler
    noun: str | None = None
    """The noun of its media type, such as `amcworkflows`; None for operations of other hosts."""

    @property
    def media(self) -> str | None:
        """Return the media type of its answers."""
        return None if self.noun is None else vendor(self.noun)

    @property
    def traffic(self) -> Traffic:
        """Return whose bucket its calls are taken from."""
        if self.noun is None:
            return Traffic.TOKENS if self.name == "getToken" else Traffic.FREE
        if self.name == "createWorkflowExecution":
            return Traffic.CREATES
        return Traffic.READS if self.method == "GET" else Traffic.WRITES


def _family(base: str, noun: str, rows: tuple[tuple[str, str, str, Handler], ...]) -> tuple[ApiRoute, ...]:
    return tuple(ApiRoute(method, base + path, name, handler, noun) for method, path, name, handler in rows)


_ELSEWHERE = (
    ApiRoute("POST", "/auth/o2/token", "getToken", login.get_token),
    ApiRoute("GET", "/ap/oa", "authorize", login.authorize),
    ApiRoute("GET", "/_downloads/{token}/{name}", "downloadFile", downloads.download),
)
_ACCOUNTS = (
    ApiRoute("GET", "/amc/accounts", "listAccounts", discovery.list_accounts, "amcaudiencesconnections"),
)
_INSTANCES = _family(
    "/amc/instances",
    "amcinstances",
    (
        ("GET", "", "listInstances", discovery.list_instances),
        ("POST", "", "createInstance", administration.create_instance),
    ),
) + _family(
    _INSTANCE,
    "amcinstances",
    (
        ("GET", "", "getInstance", discovery.get_instance),
        ("PUT", "", "updateInstance", administration.update_instance),
        ("DELETE", "", "deleteInstance", administration.delete_instance),
        (
            "POST",
            "/updateCustomerAwsAccount",
            "updateInstanceCustomerAwsAccountMetadata",
            administration.link_aws_account,
        ),
        ("GET", "/advertisers", "getInstanceAdvertisers", administration.list_advertisers),
        ("GET", "/advertisers/updates", "listAdvertiserUpdates", administration.list_updates),
        ("POST", "/advertisers/updates", "createAdvertiserUpdate", administration.create_update),
        ("GET", "/advertisers/updates/{update_id}", "getAdvertiserUpdate", administration.get_update),
        ("GET", "/collaboration", "getInstanceCollaboration", administration.get_collaboration),
    ),
)
_AUDIENCES = _family(
    "/amc/audiences",
    audiences.NOUN,
    (
        ("GET", "/query", "getAllQueryBasedAudiencesByInstanceId", audiences.list_audiences),
        ("POST", "/query", "createQueryBasedAudience", audiences.create_audience),
        (
            "GET",
            "/query/{audience_id}",
            "getQueryBasedAudienceByAudienceExecutionId",
            audiences.get_audience,
        ),
        (
            "PUT",
            "/query/{audience_id}",
            "updateQueryBasedAudienceByAudienceExecutionId",
            audiences.update_audience,
        ),
        (
            "DELETE",
            "/query/{audience_id}",
            "deleteQueryBasedAudienceByAudienceExecutionId",
            audiences.delete_audience,
        ),
    ),
) + _family(
    "/amc/audiences",
    "amclookalikeaudience",
    (("POST", "/lookalike", "createLookalikeAudience", audiences.create_lookalike),),
)
_PARTNERS = _family(
    "/amc/audiences/connections",
    "amcaudiencesconnections",
    (
        ("GET", "", "AmcpLinkGetConnectionsV2", partners.list_connections),
        ("POST", "", "AmcpLinkAddConnectionV2", partners.add_connection),
        ("DELETE", "", "AmcpLinkRemoveConnectionV2", partners.remove_connection),
        ("GET", "/terms", "AmcpLinkGetTermsV2", partners.get_terms),
        ("PATCH", "/terms", "AmcpLinkSetTermsAcceptanceV2", partners.set_terms),
    ),
) + _family(
    "/amc/audiences",
    "amcaudiences",
    (
        ("POST", "/metadata", "CreateAudienceMetadataV2", partners.create_metadata),
        ("GET", "/metadata/{audience_number}", "GetAudienceMetadataV2", partners.get_metadata),
        ("PUT", "/metadata/{audience_number}", "UpdateAudienceMetadataV2", partners.update_metadata),
        ("POST", "/records", "ManageAudienceV2", partners.manage_members),
        ("GET", "/records/{job_id}", "ManageAudienceStatusV2", partners.get_job),
    ),
)
_DATA_SOURCES = _family(
    _REPORTING + "/dataSources",
    "amcdatasources",
    (
        ("GET", "", "listDataSources", discovery.list_data_sources),
        ("GET", "/{data_source_id}", "getDataSource", discovery.get_data_source),
    ),
)
_SCHEDULES = _family(
    _REPORTING + "/schedules",
    "amcschedules",
    (
        ("GET", "", "listSchedules", schedules.list_schedules),
        ("POST", "", "createSchedule", schedules.create_schedule),
        ("GET", "/{schedule_id}", "getSchedule", schedules.get_schedule),
        ("PUT", "/{schedule_id}", "updateSchedule", schedules.update_schedule),
        ("DELETE", "/{schedule_id}", "deleteSchedule", schedules.delete_schedule),
    ),
)
_EXECUTIONS = _family(
    _REPORTING + "/workflowExecutions",
    "amcworkflowexecutions",
    (
        ("GET", "", "listWorkflowExecutions", executions.list_executions),
        ("POST", "", "createWorkflowExecution", executions.create_execution),
        ("GET", "/{execution_id}", "getWorkflowExecution", executions.get_execution),
        ("PUT", "/{execution_id}", "updateWorkflowExecution", executions.update_execution),
        ("DELETE", "/{execution_id}", "deleteWorkflowExecution", executions.delete_execution),
        (
            "GET",
            "/{execution_id}/downloadUrls",
            "getWorkflowExecutionDownloadUrls",
            executions.get_download_urls,
        ),
    ),
)
_WORKFLOWS = _family(
    _REPORTING + "/workflows",
    "amcworkflows",
    (
        ("GET", "", "listWorkflows", workflows.list_workflows),
        ("POST", "", "createWorkflow", workflows.create_workflow),
        ("GET", "/{workflow_id}", "getWorkflow", workflows.get_workflow),
        ("PUT", "/{workflow_id}", "updateWorkflow", workflows.update_workflow),
        ("DELETE", "/{workflow_id}", "deleteWorkflow", workflows.delete_workflow),
    ),
)
API = (
    *_ELSEWHERE,
    *_ACCOUNTS,
    *_INSTANCES,
    *_AUDIENCES,
    *_PARTNERS,
    *_DATA_SOURCES,
    *_SCHEDULES,
    *_EXECUTIONS,
    *_WORKFLOWS,
)
CONTROL: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/_sim/", overview.status_page),
    ("GET", "/_sim/executions", overview.list_sim_executions),
    ("GET", "/_sim/schedules", overview.list_sim_schedules),
    ("GET", "/_sim/stats", control.get_stats),
    ("GET", "/_sim/instances", control.list_sim_instances),
    ("GET", "/_sim/faults", control.get_faults),
    ("POST", "/_sim/faults", control.set_faults),
    ("DELETE", "/_sim/faults", control.clear_faults),
    ("GET", "/_sim/faults/schema", control.get_fault_schema),
    ("DELETE", "/_sim/faults/{fault_id}", control.clear_faults),
    ("GET", "/_sim/speed", tuning.get_speed),
    ("POST", "/_sim/speed", tuning.set_speed),
    ("GET", "/_sim/clock", tuning.get_clock),
    ("POST", "/_sim/clock", tuning.move_clock),
    ("GET", "/_sim/limits", tuning.get_limits),
    ("POST", "/_sim/limits", tuning.set_limits),
    ("GET", "/_sim/scenarios", tuning.get_scenarios),
    ("POST", "/_sim/scenarios", tuning.start_scenario),
    ("DELETE", "/_sim/scenarios", tuning.stop_scenario),
    ("GET", "/_sim/scenarios/schema", tuning.get_scenario_schema),
    ("DELETE", "/_sim/scenarios/{name}", tuning.stop_scenario),
)
