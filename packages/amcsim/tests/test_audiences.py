"""Audiences of people whom a query finds, and the twins of tables that such queries read."""

from datetime import timedelta

import pytest

from amcsim.options import ApiOptions

WINDOW = {"timeWindowStart": "2026-08-01T00:00:00Z", "timeWindowEnd": "2026-11-01T00:00:00Z"}
QUERY = "SELECT user_id FROM dsp_impressions_for_audiences"
V1, V1_1, V1_2 = (f"application/vnd.amcquerybasedaudience.v1{minor}+json" for minor in ("", ".1", ".2"))


@pytest.fixture
async def audiences(build_client):
    """A client whose headers name its instance as this family wants them."""
    client = await build_client(api=ApiOptions(audience_minimum=10))
    return await headed(client)


async def headed(client):
    client.http.headers["Amazon-Advertising-API-EntityId"] = client.instance["accountId"]
    client.http.headers["Amazon-Marketing-Cloud-Audience-InstanceId"] = client.instance["instanceId"]
    listed = await client.http.get(f"/amc/instances/{client.instance['instanceId']}/advertisers")
    client.instance["advertisers"] = {one["type"]: one["id"] for one in listed.json()["advertisers"]}
    return client


def body(client, query=QUERY, *, kind="DISPLAY", **changes):
    asked = {"query": query} if query else {}
    advertiser = client.instance["advertisers"][kind]
    return {"audienceName": "Seen in autumn", "advertiserId": advertiser, **asked, **WINDOW, **changes}


async def create(client, query=QUERY, path="query", **changes):
    answer = await client.http.post(f"/amc/audiences/{path}", json=body(client, query, **changes))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def made(client, query=QUERY, path="query", **changes):
    """Create an audience and move the clock until its query has ended."""
    created = await create(client, query, path, **changes)
    return await settled(client, created["audienceExecutionId"])


async def settled(client, audience_id, accept="application/json"):
    await client.sign_in()
    for _ in range(8):
        await client.simulation.runner.settle()
        client.clock.advance(seconds=5)
        answer = await client.http.get(f"/amc/audiences/query/{audience_id}", headers={"Accept": accept})
    return answer.json()


async def test_every_table_but_snapshots_has_a_twin_whether_it_is_paid_for_or_not(build_client):
    listed = {}
    client = await build_client()
    for instance in (await client.http.get("/_sim/instances")).json()["instances"][:3]:
        client.instance = instance
        shown = (await client.call("GET", "/dataSources")).json()["dataSources"]
        listed[instance["instanceId"]] = {one["dataSourceId"]: one for one in shown}
    for names in listed.values():
        assert sum(name.endswith("_for_audiences") for name in names) == 20
        assert names["amazon_retail_purchases_for_audiences"]["isPremium"] is True
        assert names["dsp_clicks_for_audiences"]["isPremium"] is False
    assert any("amazon_retail_purchases" not in names for names in listed.values())


async def test_an_instance_with_every_subscription_lists_46_tables(client):
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    client.instance = instances[5]
    client.http.headers.update(
        {
            "Amazon-Advertising-API-AdvertiserId": client.instance["accountId"],
            "Amazon-Advertising-API-MarketplaceId": client.instance["marketplaceId"],
        }
    )
    assert len((await client.call("GET", "/dataSources")).json()["dataSources"]) == 46


async def test_a_twin_lacks_what_must_not_make_an_audience(client):
    async def columns(name):
        shown = (await client.call("GET", f"/dataSources/{name}")).json()
        return {column["name"] for column in shown["columns"]}

    missing = await columns("dsp_impressions") - await columns("dsp_impressions_for_audiences")
    assert missing == {"user_behavior_segment_ids", "matched_behavior_segment_ids"}
    assert await columns("conversions") == await columns("conversions_for_audiences")


async def test_a_twin_holds_the_rows_of_its_table_without_those_of_deals(simulation, instance):
    cursor = simulation.engine.world(instance).cursor(
        ["conversions", "conversions_for_audiences", "dsp_clicks", "dsp_clicks_for_audiences"]
    )

    def count(table, condition="TRUE"):
        return cursor.execute(f"SELECT count(*) FROM amc.{table} WHERE {condition}").fetchone()[0]

    assert count("conversions_for_audiences") == count("conversions")
    without_deals = count("dsp_clicks", "deal_id IS NULL")
    assert 0 < count("dsp_clicks_for_audiences") == without_deals < count("dsp_clicks")


async def test_a_measurement_query_does_not_see_twins(client):
    shown = await client.finish(
        await client.submit("SELECT campaign, COUNT(*) AS n FROM dsp_clicks_for_audiences GROUP BY campaign")
    )
    assert shown["status"] == "REJECTED"
    assert "Object 'dsp_clicks_for_audiences' not found" in shown["statusReason"]


async def test_an_audience_is_made_and_sent(audiences, events):
    created = await create(audiences)
    assert created == {
        "audienceExecutionDescription": "Successfully started the simple audience creation workflow!",
        "audienceExecutionId": created["audienceExecutionId"],
        "status": "PENDING",
    }
    shown = await settled(audiences, created["audienceExecutionId"])
    assert shown["status"] == "SUCCEEDED"
    start, end = WINDOW["timeWindowStart"][:-1], WINDOW["timeWindowEnd"][:-1]
    counted = "count(DISTINCT user_id) FILTER (user_id_type = 'adUserId' AND deal_id IS NULL"
    window = f"AND impression_dt_utc >= '{start}' AND impression_dt_utc < '{end}')"
    ((people,),) = events(f"{counted} {window}", "dsp_impressions")
    assert shown["audienceCount"] == people > 10
    assert shown["audienceName"] == "Seen in autumn"
    assert (shown["timeWindowStart"], shown["timeWindowEnd"]) == tuple(WINDOW.values())
    assert (shown["refreshRateDays"], shown["timeWindowRelative"]) == (21, False)
    assert (shown["audienceType"], shown["advertiserType"]) == ("RULE_BASED", "DISPLAY")
    assert shown["deletable"] is True
    assert shown["dspCanonicalId"].endswith(shown["dspAudienceId"])


@pytest.mark.parametrize(
    ("accept", "answered", "present", "absent"),
    [
        (V1, V1, "query", "audienceCount"),
        (V1_1, V1_1, "audienceCount", "audienceType"),
        (V1_2, V1_2, "audienceType", "none"),
        ("application/json", V1_2, "audienceType", "none"),
    ],
)
async def test_each_version_shows_what_it_knows(audiences, accept, answered, present, absent):
    audience_id = (await made(audiences))["audienceExecutionId"]
    for path in (f"/amc/audiences/query/{audience_id}", "/amc/audiences/query"):
        answer = await audiences.http.get(path, headers={"Accept": accept})
        assert answer.headers["content-type"] == answered
        shown = answer.json().get("executionMetadata", [answer.json()])[0]
        assert (present in shown, absent in shown) == (True, False)


@pytest.mark.parametrize(
    ("query", "kind", "reason"),
    [
        (
            "SELECT user_id FROM dsp_impressions",
            "DISPLAY",
            "Invalid tables in the SQL query: Use audience-specific tables in the query.",
        ),
        (
            "SELECT user_id FROM dsp_video_events_feed_for_audiences",
            "SPONSORED_ADS",
            "Invalid tables in the SQL query: Use audience-specific tables in the query.",
        ),
        ("SELECT campaign FROM dsp_clicks_for_audiences", "DISPLAY", "must contain user_id"),
        ("SELECT user_id FROM amazon_nothing_for_audiences", "DISPLAY", "not found"),
        ("SELECT user_id FROM dsp_clicks_for_audiences WHERE campaign = 'none'", "DISPLAY", "has 0 user_ids"),
    ],
)
async def test_a_query_that_makes_no_audience_fails_with_its_reason(audiences, query, kind, reason):
    shown = await made(audiences, query, kind=kind)
    assert shown["status"] == "FAILED"
    assert reason in shown["statusReason"]
    assert "audienceCount" not in shown


async def test_an_audience_needs_two_thousand_people(build_client):
    client = await headed(await build_client())
    shown = await made(client)
    assert shown["status"] == "FAILED"
    assert "at least 2000" in shown["statusReason"]


async def test_a_lookalike_is_mended_only_as_one(audiences):
    made_badly = await made(
        audiences, "SELECT user_id FROM dsp_clicks", "lookalike", lookalikeAudienceExpectedReach="BROAD"
    )
    assert made_badly["status"] == "FAILED"
    path = f"/amc/audiences/query/{made_badly['audienceExecutionId']}"
    for kind in ("RULE_BASED", "LOOKALIKE"):
        answer = await audiences.http.put(path, json=body(audiences, audienceType=kind))
        assert answer.status_code == 400
    whole = body(audiences, audienceType="LOOKALIKE", lookalikeAudienceExpectedReach="BROAD")
    assert (await audiences.http.put(path, json=whole)).status_code == 200


async def test_a_failed_audience_can_be_mended_and_nothing_else_of_it(audiences):
    failed = await made(audiences, "SELECT user_id FROM dsp_impressions")
    path = f"/amc/audiences/query/{failed['audienceExecutionId']}"
    changed = body(audiences, audienceType="RULE_BASED")
    renamed = await audiences.http.put(path, json={**changed, "audienceName": "Another"})
    assert (renamed.status_code, "audience_name" in renamed.json()["details"]) == (400, True)
    assert (await audiences.http.put(path, json=changed)).json()["status"] == "PENDING"
    assert (await settled(audiences, failed["audienceExecutionId"]))["status"] == "SUCCEEDED"
    again = await audiences.http.put(path, json=changed)
    assert (again.status_code, again.json()["code"]) == (400, "400")


async def test_an_audience_that_ended_can_be_deleted(audiences):
    created = await create(audiences)
    path = f"/amc/audiences/query/{created['audienceExecutionId']}"
    assert (await audiences.http.delete(path)).status_code == 400
    await settled(audiences, created["audienceExecutionId"])
    gone = await audiences.http.delete(path)
    assert (gone.status_code, gone.content, bool(gone.headers["x-amz-rid"])) == (204, b"", True)
    assert (await audiences.http.get(path)).status_code == 404


async def test_an_audience_is_refreshed_and_its_window_goes_with_it(audiences, clock):
    shown = await made(audiences, refreshRateDays=7, timeWindowRelative="TRUE")
    clock.advance(seconds=timedelta(days=15).total_seconds())
    later = await settled(audiences, shown["audienceExecutionId"])
    assert later["status"] == "SUCCEEDED"
    assert later["timeWindowStart"] == "2026-08-15T00:00:00Z"
    assert later["timeWindowEnd"] == "2026-11-15T00:00:00Z"
    assert later["lastRefreshedTime"] > shown["lastRefreshedTime"]
    assert later["createTime"] == shown["createTime"]


async def test_an_audience_that_is_not_refreshed_is_switched_off_after_thirty_days(audiences, clock):
    shown = await made(audiences, refreshRateDays=0)
    clock.advance(seconds=timedelta(days=29).total_seconds())
    assert (await settled(audiences, shown["audienceExecutionId"]))["status"] == "SUCCEEDED"
    clock.advance(seconds=timedelta(days=1).total_seconds())
    later = await settled(audiences, shown["audienceExecutionId"])
    assert (later["status"], later["lastRefreshedTime"]) == ("DEACTIVATED", shown["lastRefreshedTime"])


async def test_a_lookalike_audience_has_a_seed(audiences):
    shown = await made(audiences, path="lookalike", lookalikeAudienceExpectedReach="BALANCED")
    assert (shown["status"], shown["audienceType"]) == ("SUCCEEDED", "LOOKALIKE")
    assert shown["lookalikeAudienceExpectedReach"] == "BALANCED"


async def test_an_audience_may_come_from_a_saved_workflow(audiences):
    saved = {
        "workflowId": "buyers",
        "sqlQuery": "SELECT user_id FROM conversions_for_audiences"
        " WHERE event_subtype = CUSTOM_PARAMETER('subtype')",
        "inputParameters": [{"name": "subtype", "dataType": "STRING", "defaultValue": "none"}],
    }
    await audiences.call("POST", "/workflows", json=saved)
    values = {"subtype": "order"}
    shown = await made(audiences, None, workflowId="buyers", parameterValues=values)
    assert (shown["status"], shown["workflowId"]) == ("SUCCEEDED", "buyers")
    assert shown["query"] == saved["sqlQuery"]
    unknown = await audiences.http.post("/amc/audiences/query", json=body(audiences, None, workflowId="no"))
    assert unknown.status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"audienceName": None},
        {"query": None},
        {"workflowId": "both"},
        {"refreshRateDays": 22},
        {"timeWindowEnd": "2026-07-01T00:00:00Z"},
        {"advertiserId": "1"},
    ],
)
async def test_a_wrong_audience_is_refused(audiences, changes):
    answer = await audiences.http.post("/amc/audiences/query", json={**body(audiences), **changes})
    assert (answer.status_code, answer.json()["code"]) == (400, "400")


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Amazon-Marketing-Cloud-Audience-InstanceId", None, 400),
        ("Amazon-Marketing-Cloud-Audience-InstanceId", "amcnobody", 404),
        ("Amazon-Advertising-API-EntityId", None, 400),
        ("Amazon-Advertising-API-EntityId", "ENTITY0", 403),
        ("Authorization", "Bearer none", 401),
    ],
)
async def test_wrong_headers_are_refused(audiences, header, value, status):
    del audiences.http.headers[header]
    if value is not None:
        audiences.http.headers[header] = value
    answer = await audiences.http.get("/amc/audiences/query")
    assert (answer.status_code, answer.json()["code"]) == (status, str(status))
    assert answer.json()["requestId"] == answer.headers["x-amz-request-id"]


async def test_the_entity_may_be_left_out_when_told(build_client):
    client = await headed(await build_client(api=ApiOptions(audience_entity="optional")))
    del client.http.headers["Amazon-Advertising-API-EntityId"]
    assert (await client.http.get("/amc/audiences/query")).status_code == 200


@pytest.mark.parametrize(("repeat", "count"), [("another", 2), ("same", 1)])
async def test_the_same_words_make_another_audience_unless_told(build_client, repeat, count):
    client = await headed(await build_client(api=ApiOptions(audience_repeat=repeat)))
    await create(client)
    await create(client)
    listed = (await client.http.get("/amc/audiences/query")).json()["executionMetadata"]
    assert len(listed) == count


async def test_audiences_come_in_pages(audiences):
    for name in ("a", "b", "c"):
        await create(audiences, audienceName=name)
    first = (await audiences.http.get("/amc/audiences/query?maxResults=2")).json()
    assert [one["audienceName"] for one in first["executionMetadata"]] == ["c", "b"]
    token = first["nextToken"]
    second = (await audiences.http.get(f"/amc/audiences/query?maxResults=2&nextToken={token}")).json()
    assert [one["audienceName"] for one in second["executionMetadata"]] == ["a"]
    assert "nextToken" not in second


async def test_audiences_are_no_submissions_and_take_no_slot(audiences):
    audiences.simulation.limits.change(running_per_instance=1)
    await create(audiences)
    execution = await audiences.submit()
    assert (await audiences.finish(execution))["status"] == "SUCCEEDED"
    assert (await audiences.stats())["submissions"] == 1


async def test_faults_strike_audiences_of_their_instance(audiences):
    await audiences.fault(
        kind="throttle",
        retry_after=2,
        times=1,
        operations=["createQueryBasedAudience"],
        instance_ids=[audiences.instance["instanceId"]],
    )
    answer = await audiences.http.post("/amc/audiences/query", json=body(audiences))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    await audiences.fault(kind="fail_execution", reason="Out of luck.", times=1)
    shown = await made(audiences)
    assert (shown["status"], shown["statusReason"]) == ("FAILED", "Out of luck.")


async def test_the_status_page_shows_audiences_as_text(audiences):
    shown = await made(audiences, audienceName="<b>Seen</b>")
    page = (await audiences.http.get("/_sim/")).text
    assert "&lt;b&gt;Seen&lt;/b&gt;" in page
    assert "<b>Seen" not in page
    assert f"{shown['audienceCount']:,}" in page
