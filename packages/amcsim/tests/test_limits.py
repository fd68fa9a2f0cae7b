"""Token buckets, slots and quotas; they can be changed while the simulator runs."""

import pytest

from amcsim.limits import Rate, Traffic
from amcsim.options import ApiOptions

BODY = {"workflow": {"sqlQuery": "SELECT COUNT(*) AS n FROM dsp_clicks"}}


def _rates(*texts):
    return tuple(Rate.parse(text) for text in texts)


async def test_a_bucket_lets_a_burst_pass_and_fills_again(build_client, clock):
    client = await build_client(rates=_rates("reads=2/3"))
    statuses = [(await client.call("GET", "/workflows")).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    clock.advance(seconds=0.5)
    answer = await client.call("GET", "/workflows")
    assert answer.status_code == 200
    refused = await client.call("GET", "/workflows")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.json() == {"code": "429", "details": "Too Many Requests"}
    assert (await client.stats())["throttled"] == 2


async def test_the_hint_tells_when_there_is_a_token(build_client, clock):
    client = await build_client(rates=_rates("creates=0.1/1"))
    assert (await client.call("POST", "/workflowExecutions", json=BODY)).status_code == 200
    refused = await client.call("POST", "/workflowExecutions", json=BODY)
    assert refused.headers["Retry-After"] == "10"
    clock.advance(seconds=10)
    assert (await client.call("POST", "/workflowExecutions", json=BODY)).status_code == 200
    assert (await client.stats())["submissions"] == 2


async def test_a_429_may_come_without_a_hint(build_client):
    client = await build_client(rates=_rates("reads=1/1"), api=ApiOptions(retry_after="none"))
    await client.call("GET", "/workflows")
    refused = await client.call("GET", "/workflows")
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, False)


async def test_classes_of_operations_have_buckets_of_their_own(build_client):
    client = await build_client(rates=_rates("reads=1/1", "writes=1/1", "tokens=1/1"))
    await client.call("GET", "/workflows")
    assert (await client.call("GET", "/dataSources")).status_code == 429
    saved = {"workflowId": "w", **BODY["workflow"]}
    assert (await client.call("POST", "/workflows", json=saved)).status_code == 200
    assert (await client.call("DELETE", "/workflows/w")).status_code == 429
    assert (await client.call("POST", "/workflowExecutions", json=BODY)).status_code == 200
    token = {"grant_type": "refresh_token", **client.instance["credentials"]}
    assert (await client.http.post("/auth/o2/token", data=token)).status_code == 429


async def test_logins_have_buckets_of_their_own(build_client):
    client = await build_client(rates=_rates("reads=1/1"), accept_any_login=True)
    own = dict(client.http.headers)
    statuses = []
    for name in ("one", "two"):
        login = {"client_id": name, "client_secret": "s", "refresh_token": "r"}
        answer = await client.http.post("/auth/o2/token", data={"grant_type": "refresh_token", **login})
        token = answer.json()["access_token"]
        headers = own | {"authorization": f"Bearer {token}", "amazon-advertising-api-clientid": name}
        statuses += [(await client.call("GET", "/workflows", headers=headers)).status_code for _ in range(2)]
    assert statuses == [200, 429, 200, 429]


@pytest.mark.parametrize("text", ["reads", "reads=0/1", "reads=1/0", "all=1/1", "reads=1", "free=1/1"])
def test_a_wrong_rate_is_refused(text):
    with pytest.raises(ValueError, match=r"rate|calls a second"):
        Rate.parse(text)


def test_a_rate_reads_as_it_is_written():
    assert Rate.parse(" creates=0.5/3 ") == Rate(Traffic.CREATES, 0.5, 3)
    assert str(Rate.parse("creates=0.5/3")) == "creates=0.5/3"


async def test_limits_can_be_changed_and_bind_at_once(client, clock):
    ids = [await client.submit() for _ in range(12)]
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    await client.status(ids[0])
    assert (await client.stats())["running"] == 10
    changed = await client.http.post(
        "/_sim/limits", json={"running_per_instance": 12, "rates": ["reads=1/2"]}
    )
    assert changed.json() == {
        "running_per_instance": 12,
        "running_per_account": 200,
        "rates": ["reads=1/2"],
    }
    assert (await client.stats())["running"] == 12
    statuses = [(await client.call("GET", "/workflows")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    await client.http.post("/_sim/limits", json={"rates": []})
    assert (await client.call("GET", "/workflows")).status_code == 200
    assert (await client.http.get("/_sim/limits")).json()["running_per_instance"] == 12


@pytest.mark.parametrize("body", [{"running_per_instance": 0}, {"rates": ["x"]}, {"colour": 1}])
async def test_a_wrong_limit_changes_nothing(client, body):
    answer = await client.http.post("/_sim/limits", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith("/")
    assert (await client.http.get("/_sim/limits")).json()["running_per_instance"] == 10


async def test_ad_hoc_executions_have_a_daily_quota_when_told(build_client, clock):
    client = await build_client(api=ApiOptions(ad_hoc_per_day=2), token_seconds=10**6)
    for _ in range(2):
        await client.submit()
    refused = await client.call("POST", "/workflowExecutions", json=BODY)
    assert (refused.status_code, "per day" in refused.json()["details"]) == (429, True)
    assert (await client.call("POST", "/workflowExecutions", json=BODY | {"dryRun": True})).status_code == 200
    clock.advance(seconds=12 * 3600)
    assert (await client.call("POST", "/workflowExecutions", json=BODY)).status_code == 200
