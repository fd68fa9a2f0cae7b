import pytest


async def _done(client, sql="SELECT site, COUNT(*) AS n FROM dsp_impressions GROUP BY 1", **body):
    shown = await client.finish(await client.submit(sql, timeWindowType="ALL", **body))
    assert shown["status"] == "SUCCEEDED"
    return shown["workflowExecutionId"]


async def test_a_link_needs_no_login_and_refuses_one(client):
    (link,) = await client.links(await _done(client))
    answer = await client.fetch(link)
    assert answer.status_code == 200
    assert answer.text.splitlines()[0] == "site,n"
    refused = await client.fetch(link, Authorization=client.http.headers["Authorization"])
    assert refused.status_code == 400
    assert "InvalidArgument" in refused.text


async def test_a_link_lives_ten_minutes_and_a_new_one_can_be_asked_for(client, clock):
    execution_id = await _done(client)
    (link,) = await client.links(execution_id)
    clock.advance(seconds=599)
    assert (await client.fetch(link)).status_code == 200
    clock.advance(seconds=1)
    expired = await client.fetch(link)
    assert (expired.status_code, "Request has expired" in expired.text) == (403, True)
    (fresh,) = await client.links(execution_id)
    assert (await client.fetch(fresh)).status_code == 200


async def test_an_unknown_link_is_not_found(client):
    assert (await client.fetch("http://amc.test/_downloads/none/x.csv")).status_code == 404


@pytest.mark.parametrize(
    "body", [{"dryRun": True}, {"skipPublish": True}, {"disableAggregationControls": True}]
)
async def test_what_wrote_no_result_has_no_links(client, body):
    execution_id = await _done(client, **body)
    answer = await client.call("GET", f"/workflowExecutions/{execution_id}/downloadUrls")
    assert answer.status_code == 400
    assert answer.json()["details"] == f"Execution with ID {execution_id} is unavailable for download."


async def test_an_execution_under_way_has_no_links(client):
    execution_id = await client.submit()
    answer = await client.call("GET", f"/workflowExecutions/{execution_id}/downloadUrls")
    assert answer.status_code == 400


async def test_a_result_can_come_in_several_files_each_with_its_header(build_client):
    client = await build_client(rows_per_file=3)
    links = await client.links(await _done(client))
    texts = [(await client.fetch(link)).text.splitlines() for link in links]
    assert len(links) > 1
    assert {lines[0] for lines in texts} == {"site,n"}
    rows = [row for lines in texts for row in lines[1:]]
    assert len(rows) == len(set(rows)) == 10


async def test_never_more_than_five_files(build_client):
    client = await build_client(rows_per_file=1)
    assert len(await client.links(await _done(client))) == 5


async def test_cells_look_as_amc_writes_them(client):
    sql = (
        "SELECT 'say \"hi\"' AS quoted, 'a\\b' AS slash, 'x,y' AS comma, CAST(NULL AS STRING) AS nothing,"
        " 1 = 1 AS yes, CAST('2026-01-02' AS DATE) AS day,"
        " CAST('2026-01-02 03:04:05' AS TIMESTAMP) AS moment,"
        " COUNT(*) AS n FROM dsp_impressions GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
    (link,) = await client.links(await _done(client, sql))
    header, row = (await client.fetch(link)).text.splitlines()
    assert header == "quoted,slash,comma,nothing,yes,day,moment,n"
    assert row.startswith('"say \\"hi\\"",')
    assert row.split('"x,y",')[1].startswith(",true,2026-01-02,2026-01-02T03:04:05.000Z,")


async def test_a_workflow_id_never_leads_out_of_the_results_folder(client):
    (link,) = await client.links(await _done(client, workflow={"workflowId": ".."}))
    assert (await client.fetch(link)).status_code == 200
