"""The AMC client against the simulator over HTTP, in both of the body shapes that AMC may use."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from amcsim.config import SimulatorConfig
from amcsim.testing import running_simulator
from fanfold.connectors.amc import AmcConnector
from fanfold.connectors.amc.config import AmcConfig, AmcSecrets
from fanfold.sdk.errors import Permanent, TargetUnavailable, Throttled
from tests.contract.conftest import QUERY, Amc

REQUEST = {
    "timeWindowType": "EXPLICIT",
    "timeWindowStart": "2026-10-01T00:00:00",
    "timeWindowEnd": "2026-11-01T00:00:00",
    "timeWindowTimeZone": "UTC",
    "parameterValues": {},
}


@dataclass(frozen=True)
class Address:
    instance_id: str
    account_id: str
    marketplace_id: str


def address_of(amc, position=0):
    instance = amc.instances[position]
    return Address(instance["instanceId"], instance["accountId"], instance["marketplaceId"])


def request_of(workflow_id):
    return {**REQUEST, "workflow": {"workflowId": workflow_id, "sqlQuery": QUERY}}


@pytest.fixture(scope="module")
def peculiar_amc():
    """A simulator that wraps its bodies, splits its files and lets its tokens expire soon."""
    config = SimulatorConfig(
        speed=1000,
        events_per_instance=2000,
        compute_threads=1,
        wrapped_bodies=True,
        rows_per_file=2,
    )
    with running_simulator(config) as running, httpx.Client(base_url=running.url) as http:
        yield Amc(running.url, http)


@pytest_asyncio.fixture
async def peculiar(peculiar_amc, clock, pauses):
    config, secrets = peculiar_amc.login()
    async with AmcConnector(clock=clock, pause=pauses).open(
        AmcConfig(**config), AmcSecrets(**secrets)
    ) as client:
        yield client


async def finished(client, address, execution_id):
    while not (execution := await client.get_execution(address, execution_id)).is_terminal:
        continue
    return execution


async def test_accounts_and_their_instances_are_discovered(amc, client):
    accounts = await client.list_accounts()

    found = {
        (instance.instance_id, account.account_id, instance.sandbox)
        for account in accounts
        for instance in await client.list_instances(account)
    }
    assert found == {(each["instanceId"], each["accountId"], each["sandbox"]) for each in amc.instances}


async def test_lists_are_read_to_their_last_page(amc, client):
    address, workflow_id = address_of(amc), f"paged_{uuid4().hex}"
    dry_run = {**request_of(workflow_id), "dryRun": True}
    created = [await client.create_execution(address, dry_run) for _ in range(103)]

    listed = await client.find_executions(
        address, workflow_id=workflow_id, since=created[0].created_at - timedelta(minutes=1)
    )

    assert Counter(each.execution_id for each in listed) == Counter(each.execution_id for each in created)


async def test_data_sources_name_their_columns_with_types(amc, client):
    sources = {source.name: source for source in await client.data_sources(address_of(amc))}

    columns = {column["name"]: column for column in sources["dsp_impressions"].columns}
    assert columns["user_id"]["sensitivity"] == "VERY_HIGH"
    assert columns["impressions"]["dataType"] == "LONG"


async def test_wrapped_bodies_and_several_files_read_like_flat_ones(peculiar_amc, peculiar, tmp_path):
    address = address_of(peculiar_amc)
    created = await peculiar.create_execution(address, request_of("wrapped"))

    execution = await finished(peculiar, address, created.execution_id)
    files = await peculiar.download(address, created.execution_id, folder=tmp_path)

    assert execution.status == "SUCCEEDED"
    assert [column["name"] for column in execution.output_columns] == ["campaign", "impressions", "reach"]
    assert len(files) > 1
    assert {path.read_text().splitlines()[0] for path in files} == {"campaign,impressions,reach"}


async def test_many_calls_at_once_share_one_sign_in(peculiar_amc, peculiar, monkeypatch):
    asked = []
    send = httpx.AsyncClient.send

    async def counting(self, request, **fields):
        asked.append(str(request.url))
        return await send(self, request, **fields)

    monkeypatch.setattr(httpx.AsyncClient, "send", counting)
    await asyncio.gather(*(peculiar.list_accounts() for _ in range(20)))

    assert asked.count(f"{peculiar_amc.url}/auth/o2/token") == 1
    assert len(asked) > 20


async def test_a_refused_token_is_renewed_once_and_the_call_repeated(amc, client):
    await client.sign_in()
    amc.fault("expire_tokens", times=1)

    assert await client.list_accounts()


async def test_a_token_that_is_refused_again_gives_up(amc, client):
    amc.fault("http_error", operations=["listAccounts"], status=401, details="Unauthorized")

    with pytest.raises(Permanent) as caught:
        await client.list_accounts()

    assert "authorise it again" in caught.value.hint


async def test_reads_are_repeated_when_the_trouble_passes(amc, client, pauses):
    amc.fault("http_error", operations=["listAccounts"], status=503, times=1)
    amc.fault("reset_connection", operations=["listAccounts"], times=1)

    assert await client.list_accounts()
    assert len(pauses.seconds) == 2
    assert all(0 < seconds <= 1 for seconds in pauses.seconds)


async def test_a_short_throttle_is_waited_out_and_a_long_one_is_handed_on(amc, client, pauses):
    amc.fault("throttle", operations=["getWorkflowExecution"], retry_after=1, times=1)
    address = address_of(amc)
    created = await client.create_execution(address, request_of(f"throttled_{uuid4().hex}"))
    await client.get_execution(address, created.execution_id)
    assert pauses.seconds == [1.0]

    amc.fault("throttle", operations=["getWorkflowExecution"], retry_after=60, times=1)
    with pytest.raises(Throttled) as caught:
        await client.get_execution(address, created.execution_id)
    assert caught.value.after == timedelta(seconds=60)
    assert caught.value.key == f"amc.instance:{address.instance_id}"
    assert pauses.seconds == [1.0]


async def test_a_create_is_never_repeated_by_the_client(amc, client, pauses):
    amc.fault("lose_response")
    workflow_id = f"lost_{uuid4().hex}"

    assert await client.create_execution(address_of(amc), request_of(workflow_id)) is None

    assert pauses.seconds == []
    with httpx.Client(base_url=amc.url) as http:
        assert http.get("/_sim/stats").json()["by_workflow"][workflow_id]["submissions"] == 1


async def test_a_compile_error_at_submission_is_for_good_and_hints_at_the_query(clock, pauses):
    config = SimulatorConfig(instances=1, events_per_instance=100, compile_mode="sync")
    with running_simulator(config) as running, httpx.Client(base_url=running.url) as http:
        amc = Amc(running.url, http)
        login, secrets = amc.login()
        connector = AmcConnector(clock=clock, pause=pauses)
        async with connector.open(AmcConfig(**login), AmcSecrets(**secrets)) as client:
            bad = {**REQUEST, "workflow": {"sqlQuery": "SELECT campaign FROM nowhere GROUP BY campaign"}}
            with pytest.raises(Permanent) as caught:
                await client.create_execution(address_of(amc), bad)

    assert "check its SQL" in caught.value.hint
    assert "Amazon request id" in caught.value.hint


async def test_a_login_that_is_revoked_fails_for_good(amc, clock, pauses):
    config, secrets = amc.login()
    connector = AmcConnector(clock=clock, pause=pauses)
    async with connector.open(
        AmcConfig(**config), AmcSecrets(**{**secrets, "refresh_token": "gone"})
    ) as client:
        with pytest.raises(Permanent, match="refused the sign-in"):
            await connector.probe(client)


async def test_a_probe_of_a_good_login_is_silent(client):
    assert await AmcConnector().probe(client) is None


async def test_a_host_that_is_away_is_unavailable_and_nothing_was_created(amc, clock, pauses):
    _, secrets = amc.login()
    config = AmcConfig(
        base_url="http://127.0.0.1:9",
        token_url=f"{amc.url}/auth/o2/token",
        client_id=amc.login()[0]["client_id"],
    )
    async with AmcConnector(clock=clock, pause=pauses).open(config, AmcSecrets(**secrets)) as client:
        with pytest.raises(TargetUnavailable, match="did not answer"):
            await client.create_execution(address_of(amc), request_of("away"))


async def test_no_secret_reaches_log_repr_or_error(amc, client, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    secrets = amc.login()[1]
    address = address_of(amc)
    created = await client.create_execution(address, request_of(f"secret_{uuid4().hex}"))
    await finished(client, address, created.execution_id)
    await client.download(address, created.execution_id, folder=tmp_path)
    token = (await client._tokens.current()).value
    amc.fault("http_error", operations=["listAccounts"], status=400, details="bad")
    with pytest.raises(Permanent) as caught:
        await client.list_accounts()

    seen = "\n".join(
        [
            *(
                record.getMessage()
                for record in caplog.records
                if record.name.startswith(("fanfold", "httpx"))
            ),
            repr(caught.value),
            str(caught.value.hint),
            repr(client),
            repr(await client._tokens.current()),
            repr(AmcSecrets(**secrets)),
        ]
    )
    for secret in (*secrets.values(), token):
        assert secret not in seen
