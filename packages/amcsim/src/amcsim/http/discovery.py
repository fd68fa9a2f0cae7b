"""Accounts, instances and data sources: what a client reads before it runs anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from amcsim.catalogue import Table
from amcsim.catalogue.twins import listed
from amcsim.errors import NotFound
from amcsim.http.answers import answer, page_of, single
from amcsim.http.gate import caller, entity, own_instance
from amcsim.roster import Instance
from amcsim.simulation import Simulation


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
    return answer(page_of(simulation, request, things=instances, name="instances", show=_instance_json))


async def get_instance(simulation: Simulation, request: Request) -> Response:
    """Show one instance, wrapped."""
    return answer({"instance": _instance_json(own_instance(simulation, request))})


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
    return listed(instance.subscriptions, simulation.config.sql.thresholds)


def _instance_json(instance: Instance) -> dict[str, Any]:
    account = instance.account
    return {
        "instanceId": instance.instance_id,
        "instanceName": instance.name,
        "instanceType": "SANDBOX" if instance.sandbox else "STANDARD",
        "customerCanonicalName": account.name,
        "creationStatus": "COMPLETED",
        "creationDatetime": "2024-01-15T09:30:00Z",
        "s3BucketName": None,
        "awsAccountId": None,
        "dataUploadAwsAccountId": None,
        "apiEndpoint": None,
        "entities": [account.account_id],
        "advertiserTypes": ["DISPLAY", "SPONSORED_ADS"],
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
