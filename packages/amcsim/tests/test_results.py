"""What a result is called, how it is written, what it must look like, and what is told about it."""

import pytest

from amcsim.options import ApiOptions

BY_SITE = "SELECT site, COUNT(*) AS n FROM dsp_impressions GROUP BY 1"
ALL = {"timeWindowType": "ALL"}


async def _done(client, sql=BY_SITE, **body):
    shown = await client.finish(await client.submit(sql, **ALL, **body))
    assert shown["status"] == "SUCCEEDED", shown
    return shown


async def _urls(client, execution_id):
    return (await client.call("GET", f"/workflowExecutions/{execution_id}/downloadUrls")).json()


async def test_an_ad_hoc_file_is_named_by_its_moment(client):
    shown = await _done(client, workflow={"workflowId": "reach"})
    (link,) = await client.links(shown["workflowExecutionId"])
    assert link.endswith("/2026-11-02T12-00-00-reach.csv")


async def test_the_metadata_tell_the_query_the_rows_and_the_warnings(client):
    shown = await _done(client, BY_SITE + " ORDER BY 2")
    urls = await _urls(client, shown["workflowExecutionId"])
    (link,) = urls["metadataDownloadUrls"]
    answer = await client.fetch(link)
    known = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert (known["rowCount"], known["fileCount"]) == (10, 1)
    assert known["workflowExecution"]["sqlQuery"].endswith("ORDER BY 2")
    assert len(known["warnings"]) == 1


async def test_metadata_can_be_left_out(build_client):
    client = await build_client(api=ApiOptions(metadata_files=False))
    shown = await _done(client)
    assert (await _urls(client, shown["workflowExecutionId"]))["metadataDownloadUrls"] == []


async def test_warnings_can_stand_in_the_status_reason(build_client):
    client = await build_client(api=ApiOptions(warnings="status_reason"))
    assert "ORDER BY" in (await _done(client, BY_SITE + " ORDER BY 2"))["statusReason"]
    assert "statusReason" not in await _done(client)


async def test_output_channels_tell_whether_there_is_a_download(build_client):
    client = await build_client(api=ApiOptions(output_channels=True))
    pending = await client.status(await client.submit())
    done, skipped = await _done(client), await _done(client, skipPublish=True)
    states = [shown["outputChannels"][0]["status"] for shown in (pending, done, skipped)]
    assert states == ["PENDING", "AVAILABLE", "UNAVAILABLE"]


async def test_the_output_format_changes_the_characters(client):
    sql = "SELECT 'a;\"b\"' AS text, COUNT(*) AS n FROM dsp_impressions GROUP BY 1"
    written = {"separatorCharacter": ";", "quoteCharacter": "'", "escapeCharacter": "'"}
    shown = await _done(client, sql, workflow={"outputFormat": written})
    (link,) = await client.links(shown["workflowExecutionId"])
    head, row = (await client.fetch(link)).text.splitlines()
    assert head == "text;n"
    assert row.startswith("'a;\"b\"';")


async def test_an_output_format_that_is_a_text_means_nothing(client):
    assert len(await client.rows(BY_SITE, **ALL, workflow={"outputFormat": "CSV"})) == 10


@pytest.mark.parametrize("wrong", ["", ";;", "é", "\n"])
async def test_a_separator_is_one_plain_character(client, wrong):
    body = {"workflow": {"sqlQuery": BY_SITE, "outputFormat": {"separatorCharacter": wrong}}}
    assert (await client.call("POST", "/workflowExecutions", json=body)).status_code == 400


DECLARED = [
    {"name": "site", "columnType": "DIMENSION", "dataType": "STRING"},
    {"name": "n", "columnType": "METRIC", "dataType": "LONG"},
]


async def test_declared_output_columns_that_fit_are_taken(client):
    sql = "SELECT site, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1"
    assert (await _done(client, sql, workflow={"outputColumns": DECLARED}))["outputColumns"][1]["name"] == "n"


@pytest.mark.parametrize(
    "declared",
    [
        DECLARED[:1],
        DECLARED[::-1],
        [DECLARED[0], DECLARED[1] | {"dataType": "STRING"}],
        [DECLARED[0] | {"columnType": "METRIC"}, DECLARED[1]],
    ],
)
async def test_declared_output_columns_that_do_not_fit_reject_the_query(client, declared):
    sql = "SELECT site, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1"
    shown = await client.finish(await client.submit(sql, workflow={"outputColumns": declared}))
    assert shown["status"] == "REJECTED"
    assert "declared" in shown["statusReason"]


async def test_advertisers_are_shown_as_they_were_asked_for(client):
    asked = [{"id": "ENTITY1", "type": "SPONSORED_ADS", "marketplaceId": "ATVPDKIKX0DER"}]
    shown = await client.status(await client.submit(advertisers=asked))
    assert shown["advertisers"] == asked
    body = {"workflow": {"sqlQuery": BY_SITE}, "advertisers": [{"id": "x", "type": "OTHER"}]}
    assert (await client.call("POST", "/workflowExecutions", json=body)).status_code == 400


async def test_a_sandbox_shows_rows_only_without_controls_and_with_synthetic_data(client):
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    client.instance = next(instance for instance in instances if instance["sandbox"])
    await client.sign_in()
    raw = "SELECT user_id, campaign FROM dsp_impressions"
    refused = await client.finish(await client.submit(raw, requireSyntheticData=True))
    shown = await client.finish(
        await client.submit(raw, requireSyntheticData=True, disableAggregationControls=True, **ALL)
    )
    assert (refused["status"], shown["status"]) == ("REJECTED", "SUCCEEDED")
