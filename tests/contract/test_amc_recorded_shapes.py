"""AMC's answers in the shapes that its published schema and its recorded examples have, restated by us.

`RULES` lists what a client of AMC must do, each with the tests that hold it.
"""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from fanfold.connectors.amc import model
from fanfold.sdk.errors import Permanent
from tests.unit.test_amc_client import Address, Amazon, client_of

ROOT = Path(__file__).parents[1]
UNKNOWN = {"aFieldOfNextYear": {"nested": [1]}}

# A run as it is answered right after its creation, and what its success adds.
CREATED = {
    "createTime": "2026-10-05T09:12:31.511Z",
    "dataGaps": [],
    "disableAggregationControls": False,
    "executionCategory": "AD_HOC",
    "expireTime": "2026-10-06T09:12:31.511Z",
    "ignoreDataGaps": False,
    "lastUpdatedTime": "2026-10-05T09:12:31.511Z",
    "parameterValues": {"days": "7"},
    "status": "PENDING",
    "timeWindowStart": "2026-09-01T04:00:00Z",
    "timeWindowEnd": "2026-10-01T04:00:00Z",
    "timeWindowStartOriginal": "2026-09-01T00:00:00",
    "timeWindowEndOriginal": "2026-10-01T00:00:00",
    "timeWindowTimeZoneOriginal": "America/New_York",
    "waitUntil": "2026-10-05T08:12:31.511Z",
    "workflowExecutionId": "0a1b2c3d-0000-4000-8000-000000000001",
    "workflowExecutionTimeoutSeconds": 21600,
    "workflowId": "reach_by_campaign",
}
SUCCEEDED = {
    **CREATED,
    "status": "SUCCEEDED",
    "availableTimeBeforeWindowSecs": 0,
    "executionTime": 55,
    "invalidationOffsetSecs": 266400,
    "outputColumns": [
        {"name": "campaign", "columnType": "DIMENSION", "dataType": "STRING"},
        {"name": "ratio", "columnType": "METRIC", "dataType": "DECIMAL", "precision": 38, "scale": 17},
    ],
    "outputS3URI": "N/A",
    "validatedTime": "2026-10-05T09:12:34.300Z",
    "outputChannels": [{"channel": {"type": "DOWNLOAD"}, "status": "AVAILABLE"}],
}
INSTANCE = {
    "instanceId": "amcshape",
    "instanceName": "Shape",
    "instanceType": "SANDBOX",
    "customerCanonicalName": "Northwind",
    "creationStatus": "COMPLETED",
    "creationDatetime": "2024-01-15T09:30:00Z",
    "s3BucketName": None,
    "advertiserTypes": ["DISPLAY", "SPONSORED_ADS"],
    "entities": ["ENTITY1"],
    "optionalDatasets": [{"label": "FLEXIBLE_SHOPPING_INSIGHTS", "activationTime": "2024-02-01T00:00:00Z"}],
}
SOURCE = {
    "dataSourceId": "dsp_impressions",
    "description": "Impressions",
    "owner": "AMAZON",
    "provider": "AMAZON",
    "isPremium": False,
    "tags": [],
    "columns": [
        {"name": "user_id", "columnType": "DIMENSION", "dataType": "STRING", "sensitivity": "VERY_HIGH"}
    ],
}

UNIT, CONTRACT = "unit/test_amc_client.py", "contract/test_amc_workflow.py"
RULES = {
    "1 an instance is region, login, account, marketplace and id": [
        f"{UNIT}::test_each_region_has_its_host_and_its_token_address",
        f"{UNIT}::test_every_call_names_login_account_and_marketplace",
    ],
    "1 tokens are kept until a minute before their end, and renewed once when refused": [
        f"{UNIT}::test_a_token_is_kept_until_a_minute_before_its_end",
        f"{UNIT}::test_a_refused_token_is_renewed_once_also_for_a_create",
    ],
    "2 reads are tried again with backoff, and pauses that are asked for are kept": [
        f"{UNIT}::test_a_read_is_tried_three_times_and_no_more",
        f"{UNIT}::test_retry_after_is_read_in_both_of_its_forms",
        "contract/test_amc_client.py::test_a_short_throttle_is_waited_out_and_a_long_one_is_handed_on",
    ],
    "2 a create is never blindly repeated: the list is asked first": [
        f"{UNIT}::test_a_create_whose_answer_is_lost_says_so_and_is_not_repeated",
        "contract/test_amc_client.py::test_a_create_is_never_repeated_by_the_client",
        f"{CONTRACT}::test_an_answer_that_is_lost_after_the_work_leaves_one_submission",
    ],
    "3 ten at a time per instance and two hundred per account": [
        "unit/test_amc_submission.py::test_amcs_own_caps_are_limits",
    ],
    "3 looks slow down from 15 s over 60 s to 5 min": [
        "unit/test_amc_submission.py::test_looks_slow_down_from_fifteen_seconds_over_one_minute_to_five",
    ],
    "3 four states are terminal, and an unknown one is not": [
        f"{UNIT}::test_terminal_states_are_terminal",
        f"{UNIT}::test_a_status_that_nobody_knows_is_not_terminal_and_is_logged",
        "contract/test_amc_recorded_shapes.py::test_an_unknown_status_goes_on_in_every_shape",
    ],
    "4 queries are checked before they are sent": [
        "unit/test_amc_inspection.py::test_what_amc_refuses_is_found_at_its_place",
        "unit/test_amc_inspection.py::test_columns_that_amc_never_shows_are_found_in_the_output",
        "unit/test_amc_inspection.py::test_only_a_semicolon_that_ends_the_query_is_taken_off",
        "unit/test_amc_inspection.py::test_parameters_are_held_against_their_declaration",
    ],
    "4 and may be tried by a dry run": [
        "contract/test_amc_instance_checks.py::test_a_dry_run_tells_what_only_amc_knows_with_its_place",
    ],
    "5 dates have no offset, and windows that surprise are warned about": [
        "unit/test_amc_parameters.py::test_windows_that_cannot_be_are_refused",
        "unit/test_amc_parameters.py::test_windows_that_may_surprise_are_warned_about",
    ],
    "6 workflows have stable ids": [
        "unit/test_amc_submission.py::test_the_query_goes_inline_under_a_stable_id",
    ],
    "6 every call is kept with Amazon's id of it": [
        "unit/test_amc_traces.py::test_each_call_is_told_with_path_status_and_the_id_that_support_asks_for",
        "unit/test_amc_traces.py::test_errors_name_the_id_of_the_call",
    ],
    "7 results are fetched without headers of the login, all files, repeated headers dropped": [
        f"{UNIT}::test_links_are_fetched_without_headers_of_the_login_and_anew_when_expired",
        "unit/test_amc_results.py::test_several_files_lose_their_headers_but_no_row",
    ],
    "7 declared columns decide the types": [
        "unit/test_amc_results.py::test_declared_types_decide",
        "unit/test_amc_results.py::test_quotes_are_read_in_both_of_their_escapes",
    ],
    "7 a header without rows is told as empty or fully suppressed": [
        f"{CONTRACT}::test_a_header_without_rows_completes_with_a_warning_and_its_columns",
    ],
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_behaviour_is_held_by_a_test(rule):
    for place in RULES[rule]:
        path, _, name = place.partition("::")
        assert re.search(rf"def {name}\(", (ROOT / path).read_text()), place


def shapes(name, body):
    return [pytest.param(body, id="flat"), pytest.param({name: body}, id="wrapped")]


@pytest.mark.parametrize("body", shapes("workflowExecution", CREATED | UNKNOWN))
def test_a_new_execution_reads_alike_in_both_shapes_and_keeps_unknown_fields(body):
    read = model.execution_of(body)

    assert (read.status, read.is_terminal, read.timeout_seconds) == ("PENDING", False, 21600)
    assert (read.window_start, read.window_end) == ("2026-09-01T00:00:00", "2026-10-01T00:00:00")
    assert (read.time_zone, read.parameter_values) == ("America/New_York", {"days": "7"})
    assert read.answer["aFieldOfNextYear"] == {"nested": [1]}


@pytest.mark.parametrize("body", shapes("workflowExecution", SUCCEEDED))
def test_an_execution_that_succeeded_brings_its_columns(body):
    read = model.execution_of(body)

    assert (read.status, read.is_terminal, read.execution_seconds) == ("SUCCEEDED", True, 55.0)
    assert [column["name"] for column in read.output_columns] == ["campaign", "ratio"]
    assert read.answer["outputS3URI"] == "N/A"


@pytest.mark.parametrize("status", ["QUEUED_ELSEWHERE", "publishing", ""])
@pytest.mark.parametrize("body", shapes("workflowExecution", CREATED))
def test_an_unknown_status_goes_on_in_every_shape(body, status):
    inner = {**body.get("workflowExecution", body), "status": status}
    wrapped = "workflowExecution" in body

    assert not model.execution_of({"workflowExecution": inner} if wrapped else inner).is_terminal


def test_words_on_a_refusal_are_read_although_the_schema_has_none():
    rejected = {**CREATED, "status": "REJECTED", "statusReason": "From line 1, column 8: no"}

    assert model.execution_of(rejected).status_reason == "From line 1, column 8: no"


@pytest.mark.parametrize("body", shapes("instance", INSTANCE | UNKNOWN))
def test_an_instance_reads_alike_in_both_shapes_and_keeps_unknown_fields(body):
    read = model.instance_of(body)

    assert (read.instance_id, read.sandbox, read.customer) == ("amcshape", True, "Northwind")
    assert (read.entities, read.datasets) == (("ENTITY1",), ("FLEXIBLE_SHOPPING_INSIGHTS",))
    assert "aFieldOfNextYear" in read.answer


@pytest.mark.parametrize("body", shapes("dataSource", SOURCE | UNKNOWN))
def test_a_table_reads_alike_in_both_shapes_and_keeps_what_its_columns_say(body):
    read = model.data_source_of(body)

    assert (read.name, read.columns[0]["sensitivity"]) == ("dsp_impressions", "VERY_HIGH")
    assert read.answer["isPremium"] is False


@pytest.mark.parametrize("end", [{}, {"nextToken": None}, {"nextToken": ""}], ids=["absent", "null", "empty"])
async def test_a_list_ends_however_its_last_page_says_so(end):
    first = httpx.Response(200, json={"instances": [INSTANCE], "nextToken": "more"})
    last = httpx.Response(200, json={"instances": [{**INSTANCE, "instanceId": "amclast"}], **end})
    amazon = Amazon([first, last])
    async with client_of(amazon) as client:
        listed = await client.list_instances(model.Account("ENTITY1", "N", "M"))

    assert [each.instance_id for each in listed] == ["amcshape", "amclast"]
    assert amazon.asked[1].url.params["nextToken"] == "more"


async def test_answers_are_read_by_their_json_and_not_by_their_media_type():
    headers = {"content-type": "application/vnd.amcworkflowexecutions.v1+json;charset=utf-8"}
    amazon = Amazon([httpx.Response(200, json=CREATED, headers=headers)])
    async with client_of(amazon) as client:
        assert (await client.get_execution(Address(), "e")).workflow_id == "reach_by_campaign"


@pytest.mark.parametrize(
    "body",
    [
        {"code": "400", "details": "Execution with ID e is unavailable for download."},
        {"message": "Execution with ID e is unavailable for download."},
        {"messageSubject": "Execution with ID e is unavailable for download."},
    ],
    ids=["AMC's own", "the gateway's", "the other gateway's"],
)
async def test_a_refusal_is_told_in_amazons_words_whatever_field_has_them(body):
    async with client_of(Amazon([httpx.Response(400, json=body)])) as client:
        with pytest.raises(Permanent, match="unavailable for download"):
            await client.get_execution(Address(), "e")
