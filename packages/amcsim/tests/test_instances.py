"""Instances that are created, changed and deleted, and those that differ from the usual."""

import pytest

WINDOW = {"timeWindowType": "PREVIOUS_MONTH"}
SPONSORED = "SELECT campaign, COUNT(*) AS n FROM sponsored_ads_traffic GROUP BY campaign"


async def create(client, **changes):
    answer = await client.http.post("/amc/instances", json={"instanceName": "Spring test", **changes})
    assert answer.status_code == 200, answer.text
    return answer.json()["instance"]


async def test_an_instance_is_requested_then_in_progress_then_complete_and_runs_queries(client, clock):
    created = await create(client, advertiserName="Ridge and Sons")
    assert (created["instanceName"], created["customerCanonicalName"]) == ("Spring test", "Ridge and Sons")
    assert (created["instanceType"], created["optionalDatasets"]) == ("STANDARD", [])
    assert created["creationDatetime"] == clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    path, states = f"/amc/instances/{created['instanceId']}", []
    for _ in range(3):
        states.append((await client.http.get(path)).json()["instance"]["creationStatus"])
        clock.advance(seconds=30)
    assert states == ["REQUESTED", "IN_PROGRESS", "COMPLETED"]
    assert created["instanceId"] in (await client.http.get("/amc/instances")).text
    client.instance["instanceId"] = created["instanceId"]
    rows = await client.rows(SPONSORED, **WINDOW)
    assert sum(int(row["n"]) for row in rows) > 0


async def test_an_instance_that_is_not_ready_answers_no_report(client):
    client.instance["instanceId"] = (await create(client))["instanceId"]
    answer = await client.call("GET", "/workflows")
    assert (answer.status_code, "REQUESTED" in answer.json()["details"]) == (400, True)


async def test_a_token_makes_a_create_safe_to_repeat_for_ten_minutes(client, clock):
    first = await create(client, idempotencyToken="t")
    assert (await create(client, idempotencyToken="t"))["instanceId"] == first["instanceId"]
    other = {"instanceName": "Another", "idempotencyToken": "t"}
    assert (await client.http.post("/amc/instances", json=other)).status_code == 400
    clock.advance(seconds=600)
    assert (await create(client, idempotencyToken="t"))["instanceId"] != first["instanceId"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"instanceName": "ab"},
        {"instanceName": "under_score"},
        {"instanceName": "Good name", "awsAccountId": "1"},
        {"instanceName": "Good name", "acrBacked": True},
        {"instanceName": "Good name", "idempotencyToken": "x" * 37},
    ],
)
async def test_a_wrong_instance_is_refused(client, body):
    before = (await client.http.get("/amc/instances")).json()
    answer = await client.http.post("/amc/instances", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "400")
    assert (await client.http.get("/amc/instances")).json() == before


async def test_an_instance_is_renamed_and_gets_a_bucket_that_results_name(client):
    own = client.instance["instanceId"]
    change = {"instanceName": "Renamed", "s3BucketName": "amc-own-bucket", "awsAccountId": "1" * 12}
    changed = (await client.http.put(f"/amc/instances/{own}", json=change)).json()["instance"]
    assert (changed["instanceName"], changed["s3BucketName"]) == ("Renamed", "amc-own-bucket")
    assert (changed["awsAccountId"], changed["s3BucketRegion"]) == ("1" * 12, "us-east-1")
    assert (await client.http.get(f"/amc/instances/{own}")).json()["instance"] == changed
    shown = await client.finish(await client.submit())
    place = f"s3://amc-own-bucket/workflow={shown['workflowId']}/schedule=adhoc/"
    assert shown["outputS3URI"].startswith(place)
    assert shown["outputS3URI"].endswith(".csv")


async def test_a_bucket_can_be_linked_the_deprecated_way(client):
    path = f"/amc/instances/{client.instance['instanceId']}"
    body = {"awsAccountId": "2" * 12, "bucketName": "their-bucket"}
    answer = await client.http.post(f"{path}/updateCustomerAwsAccount", json=body)
    assert "their-bucket" in answer.json()["cfnBucketUrl"]
    assert (await client.http.get(path)).json()["instance"]["s3BucketName"] == "their-bucket"


async def test_a_deleted_instance_is_gone_with_what_it_ran(client):
    execution = await client.submit()
    gone = await client.http.delete(f"/amc/instances/{client.instance['instanceId']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await client.call("GET", f"/workflowExecutions/{execution}")).status_code == 403
    assert client.instance["instanceId"] not in (await client.http.get("/_sim/instances")).text
    assert (await client.stats())["cancelled"] == 1
    again = await create(client)
    assert again["instanceId"] != client.instance["instanceId"]


async def test_accounts_are_dealt_to_logins_and_each_lists_its_own(build_client):
    client = await build_client(logins=2)
    own = {account["accountId"] for account in (await client.http.get("/amc/accounts")).json()["amcAccounts"]}
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    by_account = {one["accountId"]: one for one in instances}
    assert len(own) == len(by_account) / 2
    foreign = next(one for account_id, one in by_account.items() if account_id not in own)
    client.http.headers["Amazon-Advertising-API-AdvertiserId"] = foreign["accountId"]
    client.http.headers["Amazon-Advertising-API-MarketplaceId"] = foreign["marketplaceId"]
    assert (await client.http.get("/amc/instances")).status_code == 403
    client.instance = foreign
    await client.sign_in()
    assert (await client.http.get("/amc/instances")).status_code == 200


async def test_an_instance_of_sponsored_ads_alone_has_no_dsp_tables(build_client):
    client = await build_client(sponsored_only_every=1)
    shown = (await client.http.get("/amc/instances")).json()["instances"][0]
    assert shown["advertiserTypes"] == ["SPONSORED_ADS"]
    advertisers = (await client.http.get(f"/amc/instances/{shown['instanceId']}/advertisers")).json()
    assert {one["type"] for one in advertisers["advertisers"]} == {"SPONSORED_ADS"}
    tables = (await client.call("GET", "/dataSources")).json()["dataSources"]
    assert [one["dataSourceId"] for one in tables if one["dataSourceId"].startswith("dsp_")] == []
    refused = await client.finish(await client.submit())
    assert (refused["status"], "'dsp_impressions' not found" in refused["statusReason"]) == ("REJECTED", True)
    assert await client.rows(SPONSORED, **WINDOW)


async def test_instances_may_have_buckets_from_the_start(build_client):
    client = await build_client(linked_buckets=True)
    shown = (await client.http.get("/amc/instances")).json()["instances"]
    buckets = [one["s3BucketName"] for one in shown]
    assert len(set(buckets)) == len(buckets) == 3
    assert all(bucket.startswith("amc-") for bucket in buckets)


async def test_an_account_may_show_instances_of_others(build_client):
    client = await build_client(shared_instances=2)
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    agency = instances[-1]
    client.http.headers["Amazon-Advertising-API-AdvertiserId"] = agency["accountId"]
    client.http.headers["Amazon-Advertising-API-MarketplaceId"] = agency["marketplaceId"]
    shown = (await client.http.get("/amc/instances")).json()["instances"]
    assert [one["instanceId"] for one in shown[:2]] == [one["instanceId"] for one in instances[:2]]
    assert shown[0]["entities"] == [instances[0]["accountId"], agency["accountId"]]
    assert len(shown) == 5
    assert (await client.call("GET", "/workflows")).status_code == 200
    client.instance = instances[2]
    assert (await client.call("GET", "/workflows")).status_code == 403
