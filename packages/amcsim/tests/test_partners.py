"""Terms, connections and audiences of an advertiser's own people."""

import pytest

from amcsim.options import ApiOptions

BASE = "/amc/audiences"
TERMS = f"{BASE}/connections/terms"
NAMED = {
    "name": "Loyal customers",
    "description": "Bought twice",
    "metadata": {"externalAudienceId": "loyal", "ttl": 86_400},
    "targetResource": {"advertiserId": 123},
}


def member(number, action="CREATE"):
    return {"externalUserId": f"u{number}", "action": action, "hashedPII": [{"email": "0" * 64}]}


@pytest.fixture
async def login(client):
    """The client without the headers of an account: the login alone counts here."""
    del client.http.headers["Amazon-Advertising-API-AdvertiserId"]
    del client.http.headers["Amazon-Advertising-API-MarketplaceId"]
    return client


async def test_terms_that_are_pending_forbid_reports_until_they_are_accepted(build_client):
    client = await build_client(api=ApiOptions(terms="pending"))
    refused = await client.call("GET", "/workflows")
    assert refused.status_code == 403
    assert refused.json()["details"] == "Terms and conditions must be accepted to continue"
    assert (await client.http.get("/amc/instances")).status_code == 200
    shown = (await client.http.get(TERMS)).json()
    assert (shown["hasAccepted"], bool(shown["agreementContent"])) == (False, True)
    wrong = await client.http.patch(TERMS, json={"agreementToken": "other", "hasAccepted": True})
    assert (wrong.status_code, set(wrong.json())) == (400, {"message", "requestId"})
    right = {"agreementToken": shown["agreementToken"], "hasAccepted": True}
    accepted = await client.http.patch(TERMS, json=right)
    assert (accepted.status_code, accepted.content) == (204, b"")
    assert (await client.http.get(TERMS)).json()["hasAccepted"] is True
    assert (await client.call("GET", "/workflows")).status_code == 200


async def test_terms_are_accepted_unless_told(login):
    assert (await login.http.get(TERMS)).json()["hasAccepted"] is True


async def test_there_is_always_a_default_connection(login):
    path = f"{BASE}/connections"

    async def defaults():
        listed = (await login.http.get(f"{path}?isDefault=true")).json()["connections"]
        return [one["connectionId"] for one in listed]

    for name, is_default in (("a", False), ("b", False), ("c", True)):
        body = {"connectionId": name, "amcInstanceId": "amcx", "isDefault": is_default}
        answer = await login.http.post(path, json=body)
        assert (answer.status_code, answer.json()) == (201, {"connectionId": name})
    assert answer.headers["content-type"] == "application/vnd.amcaudiencesconnections.v1+json"
    assert (await login.http.post(path, json={"connectionId": "a"})).status_code == 400
    assert await defaults() == ["c"]
    assert (await login.http.delete(f"{path}?connectionId=c")).status_code == 204
    assert await defaults() == ["a"]
    one = (await login.http.get(f"{path}?connectionId=b")).json()["connections"]
    assert [(shown["amcInstanceId"], shown["isDefault"]) for shown in one] == [("amcx", False)]
    assert (await login.http.get(f"{path}?connectionId=c")).status_code == 404
    assert (await login.http.delete(path)).status_code == 204
    assert (await login.http.get(path)).json() == {"connections": []}


async def test_an_own_audience_is_created_filled_and_changed(login, clock):
    created = await login.http.post(f"{BASE}/metadata", json=NAMED)
    assert (created.status_code, created.json()["externalAudienceId"]) == (201, "loyal")
    assert created.headers["content-type"] == "application/vnd.amcaudiences.v1+json"
    audience_id = created.json()["audienceId"]
    records = [*(member(number) for number in range(5)), member(0, "DELETE")]
    accepted = await login.http.post(f"{BASE}/records", json={"audienceId": audience_id, "records": records})
    assert accepted.status_code == 202
    job = f"{BASE}/records/{accepted.json()['jobRequestId']}"
    assert (await login.http.get(job)).json()["jobState"] == "PENDING"
    clock.advance(seconds=5)
    ended = (await login.http.get(job)).json()
    assert (ended["jobState"], ended["audienceSize"]["dspAudienceSize"]) == ("SUCCEEDED", 4)
    change = {"description": "Bought thrice", "metadata": {"ttl": 60}}
    changed = (await login.http.put(f"{BASE}/metadata/{audience_id}", json=change)).json()
    shown = (await login.http.get(f"{BASE}/metadata/{audience_id}")).json()
    assert changed == shown
    assert (shown["description"], shown["name"]) == ("Bought thrice", "Loyal customers")
    assert (shown["metadata"]["ttl"], shown["metadata"]["externalAudienceId"]) == (60, "loyal")
    assert (shown["advertiserId"], shown["metadata"]["audienceSize"]["receivedRecordSize"]) == (123, 4)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "short"},
        {"description": "x" * 1_001},
        {"metadata": {"externalAudienceId": "a", "ttl": 34_300_801}},
        {"metadata": {}},
        {"targetResource": {"connectionId": "none"}},
        {"targetResource": {"other": 1}},
    ],
)
async def test_a_wrong_audience_is_refused_with_a_message_alone(login, changes):
    answer = await login.http.post(f"{BASE}/metadata", json={**NAMED, **changes})
    assert (answer.status_code, set(answer.json())) == (400, {"message"})


async def test_wrong_members_and_changes_are_refused(login):
    audience_id = (await login.http.post(f"{BASE}/metadata", json=NAMED)).json()["audienceId"]
    for body in (
        {"audienceId": 1, "records": [member(1)]},
        {"audienceId": audience_id, "records": []},
        {"audienceId": audience_id, "records": [{**member(1), "externalUserId": "a b"}]},
        {"audienceId": audience_id, "records": [{**member(1), "action": "MOVE"}]},
    ):
        assert (await login.http.post(f"{BASE}/records", json=body)).status_code == 400
    path = f"{BASE}/metadata/{audience_id}"
    assert (await login.http.put(path, json={"metadata": {"ttl": -1}})).status_code == 400
    for missing in (f"{BASE}/metadata/9", f"{BASE}/metadata/x", f"{BASE}/records/none"):
        assert (await login.http.get(missing)).status_code == 404


async def test_what_a_login_keeps_is_its_own(build_client):
    client = await build_client(logins=2)
    audience_id = (await client.http.post(f"{BASE}/metadata", json=NAMED)).json()["audienceId"]
    client.instance = (await client.http.get("/_sim/instances")).json()["instances"][3]
    await client.sign_in()
    assert (await client.http.get(f"{BASE}/metadata/{audience_id}")).status_code == 404
