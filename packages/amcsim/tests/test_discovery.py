import pytest

ENTITY = "Amazon-Advertising-API-AdvertiserId"
MARKETPLACE = "Amazon-Advertising-API-MarketplaceId"
CLIENT = "Amazon-Advertising-API-ClientId"


@pytest.mark.parametrize(
    ("header", "value", "status", "details"),
    [
        (ENTITY, "", 400, "entityId provided is null"),
        (MARKETPLACE, "", 400, "marketplaceId provided is null"),
        (CLIENT, "", 400, "clientId provided is null"),
        (ENTITY, "ENTITYOTHER", 403, "Unauthorized request."),
        (CLIENT, "somebody else", 403, "Unauthorized request."),
        (MARKETPLACE, "A1VC38T7YXB528", 404, None),
    ],
)
async def test_wrong_headers_are_refused(client, header, value, status, details):
    answer = await client.call("GET", "/workflows", headers={header: value})
    assert answer.status_code == status
    assert answer.json()["code"] == str(status)
    assert details is None or answer.json()["details"] == details


async def test_an_instance_of_another_account_is_unauthorized(client):
    other = (await client.http.get("/_sim/instances")).json()["instances"][-1]
    answer = await client.http.get(f"/amc/reporting/{other['instanceId']}/workflows")
    assert answer.status_code == 403


async def test_accounts_need_no_entity(client):
    del client.http.headers[ENTITY]
    accounts = (await client.http.get("/amc/accounts")).json()["amcAccounts"]
    assert {"accountId", "accountName", "marketplaceId"} == set(accounts[0])
    assert len(accounts) == 4


async def test_instances_are_those_of_the_account_in_pages(client):
    seen, token = [], None
    while True:
        page = await client.http.get(
            "/amc/instances", params={"limit": 2, **({"nextToken": token} if token else {})}
        )
        seen += [instance["instanceId"] for instance in page.json()["instances"]]
        token = page.json().get("nextToken")
        if token is None:
            break
    assert len(seen) == 3
    assert seen[0] == client.instance["instanceId"]
    assert page.headers["content-type"].startswith("application/vnd.amcinstances.v1+json")
    assert page.headers["x-amz-rid"] == page.headers["x-amz-request-id"]


async def test_one_instance_comes_wrapped(client):
    answer = await client.http.get(f"/amc/instances/{client.instance['instanceId']}")
    assert answer.json()["instance"]["instanceType"] == "STANDARD"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "nextToken=%25%25", "nextToken=b2Zmc2V0Ong="]
)
async def test_a_wrong_page_is_refused(client, query):
    assert (await client.http.get(f"/amc/instances?{query}")).status_code == 400


async def test_data_sources_tell_types_and_sensitivity(client):
    table = (await client.call("GET", "/dataSources/dsp_impressions")).json()
    columns = {column["name"]: column for column in table["columns"]}
    assert len(columns) == 98
    assert columns["user_id"]["sensitivity"] == "VERY_HIGH"
    assert columns["postal_code"]["sensitivity"] == "HIGH"
    assert (columns["impressions"]["columnType"], columns["impressions"]["dataType"]) == ("METRIC", "LONG")


async def test_a_paid_table_is_there_only_for_subscribers(client):
    names = {
        table["dataSourceId"] for table in (await client.call("GET", "/dataSources")).json()["dataSources"]
    }
    assert "amazon_retail_purchases" in names
    assert "conversions_all" not in names
    assert (await client.call("GET", "/dataSources/conversions_all")).status_code == 404


async def test_instances_differ_and_carry_what_a_demo_needs(client):
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    assert len({instance["instanceId"] for instance in instances}) == 12
    assert {instance["region"] for instance in instances} == {"na", "eu", "fe"}
    assert sum(instance["sandbox"] for instance in instances) == 1
    assert len({tuple(instance["brands"]) for instance in instances}) > 6
    assert len({instance["currency"] for instance in instances}) == 4


async def test_thousands_of_instances_are_cheap_and_distinct(build_client):
    client = await build_client(instances=5_000)
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    assert len({instance["instanceId"] for instance in instances}) == 5_000
    assert len({instance["name"] for instance in instances}) == 5_000


async def test_unknown_paths_and_methods_get_amcs_error_body(client):
    for method, path, status in (("GET", "/amc/nothing", 404), ("PATCH", "/amc/accounts", 405)):
        answer = await client.http.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, str(status))
