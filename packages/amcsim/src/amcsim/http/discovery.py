"""Accounts, instances and data sources: what a client reads before it runs anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from amcsim.catalogue import Table
from amcsim.catalogue.twins import listed
from amcsim.errors import NotFound
from amcsim.http.answers import answer, page_of, single
from amcsim.http.gate import caller, entity, listed_instance, own_instance
from amcsim.roster import Instance
from amcsim.simulation import Simulation

_FOUNDED = datetime(2024, 1, 15, 9, 30, tzinfo=UTC)


async def list_accounts(simulation: Simulation, request: Request) -> Response:
    """List the accounts that the login administers."""
    token = caller(simulation, request)
    accounts = [
        account
        for account in simulation.roster.accounts.values()
        if token.login is None or account.login is token.login
    ]
    body = page_of(
        simulation,
        request,
        things=accounts,
        name="amcAccounts",
        show=lambda account: {
            "accountId": account.account_id,
            "accountName": account.name,
            "marketplaceId": account.market.marketplace_id,
        },
    )
    return answer(body)


async def list_instances(simulation: Simulation, request: Request) -> Response:
    """List the instances of the account in the headers."""
    account = entity(simulation, request)
    instances = simulation.roster.of_account(account)
    now = simulation.clock.now()
    body = page_of(
        simulation,
        request,
        things=instances,
        name="instances",
        show=lambda instance: instance_json(instance, now),
    )
    return answer(body)


async def get_instance(simulation: Simulation, request: Request) -> Response:
    """Show one instance, wrapped."""
    instance = listed_instance(simulation, request)
    return answer({"instance": instance_json(instance, simulation.clock.now())})


async def list_data_sources(simulation: Simulation, request: Request) -> Response:
    """List the tables that the instance can query, and the twins that audience queries read."""
    tables = _tables(simulation, own_instance(simulation, request))
    ordered = [tables[name] for name in sorted(tables)]
    return answer(page_of(simulation, request, things=ordered, name="dataSources", show=_table_json))


async def get_data_source(simulation: Simulation, request: Request) -> Response:
    """Show one table."""
    tables = _tables(simulation, own_instance(simulation, request))
    name = request.path_params["data_source_id"]
    table = tables.get(name)
    if table is None:
        raise NotFound(
            f"Data source with ID {name} does not exist.", status=simulation.config.api.unknown_source_status
        )
    return answer(single(simulation, _table_json(table), name="dataSource"))


def _tables(simulation: Simulation, instance: Instance) -> Mapping[str, Table]:
    return listed(
        instance.subscriptions, simulation.config.sql.thresholds, has_dsp=not instance.sponsored_only
    )


def instance_json(instance: Instance, now: datetime) -> dict[str, Any]:
    """Return the API's shape of *instance*."""
    account = instance.account
    created = _FOUNDED if instance.creation is None else instance.creation.asked_at
    return {
        "instanceId": instance.instance_id,
        "instanceName": instance.name,
        "instanceType": "SANDBOX" if instance.sandbox else "STANDARD",
        "customerCanonicalName": instance.advertiser_name or account.name,
        "creationStatus": instance.status(now).value,
        "creationDatetime": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "s3BucketName": instance.bucket,
        "s3BucketRegion": account.market.aws_region if instance.bucket else None,
        "awsAccountId": instance.aws_account_id,
        "dataUploadAwsAccountId": None,
        "apiEndpoint": None,
        "entities": list(instance.entities),
        "advertiserTypes": list(instance.advertiser_types),
        "acrCollaboration": None,
        "optionalDatasets": [
            {"label": label, "activationTime": "2024-02-01T00:00:00Z"} for label in instance.subscriptions
        ],
    }


def _table_json(table: Table) -> dict[str, Any]:
    return {
        "dataSourceId": table.name,
        "description": table.name.replace("_", " "),
        "owner": "AMAZON",
        "provider": "AMAZON",
        "isPremium": table.subscription is not None,
        "tags": [],
        "outputChannels": [{"channel": {"type": "DOWNLOAD"}, "outputAvailable": True}],
        "columns": [
            {
                "name": column.name,
                "columnType": "METRIC" if column.metric else "DIMENSION",
                "dataType": column.amc_type,
                "sensitivity": column.sensitivity.name,
                "description": column.name.replace("_", " "),
            }
            for column in table.columns.values()
        ],
    }
