"""Tokens, accounts, instances and data sources: what a client reads before it runs anything."""

from __future__ import annotations

import json
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from amcsim.catalogue import Table, available
from amcsim.errors import NotFound
from amcsim.http.answers import answer, page_of, vendor
from amcsim.http.gate import caller, entity, own_instance
from amcsim.login import AccessToken, TokenRefused
from amcsim.roster import Instance
from amcsim.simulation import Simulation

_INSTANCES = vendor("amcinstances")
_SOURCES = vendor("amcdatasources")


async def get_token(simulation: Simulation, request: Request) -> Response:
    """Exchange a refresh token for an access token; form or JSON body."""
    try:
        fields = await _token_fields(request)
        token = _refresh(simulation, fields)
    except TokenRefused as refused:
        body = {"error": refused.error, "error_description": refused.description}
        return answer(body, status=refused.status)
    return answer(
        {
            "access_token": token.value,
            "refresh_token": fields["refresh_token"],
            "token_type": "bearer",
            "expires_in": simulation.tokens.lifetime_seconds,
        }
    )


async def list_accounts(simulation: Simulation, request: Request) -> Response:
    """List the accounts that the login administers."""
    token = caller(simulation, request)
    accounts = [
        account
        for account in simulation.roster.accounts.values()
        if token.login is None or account.login is token.login
    ]
    body = page_of(
        request,
        accounts,
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
    body = page_of(request, simulation.roster.of_account(account), name="instances", show=_instance_json)
    return answer(body, media=_INSTANCES)


async def get_instance(simulation: Simulation, request: Request) -> Response:
    """Show one instance, wrapped."""
    return answer({"instance": _instance_json(own_instance(simulation, request))}, media=_INSTANCES)


async def list_data_sources(simulation: Simulation, request: Request) -> Response:
    """List the tables that the instance can query."""
    instance = own_instance(simulation, request)
    tables = sorted(available(instance.subscriptions).values(), key=lambda table: table.name)
    return answer(page_of(request, tables, name="dataSources", show=_table_json), media=_SOURCES)


async def get_data_source(simulation: Simulation, request: Request) -> Response:
    """Show one table."""
    instance = own_instance(simulation, request)
    name = request.path_params["data_source_id"]
    table = available(instance.subscriptions).get(name)
    if table is None:
        raise NotFound(f"Data source with ID {name} does not exist.")
    shown = _table_json(table)
    return answer({"dataSource": shown} if simulation.config.wrapped_bodies else shown, media=_SOURCES)


async def _token_fields(request: Request) -> dict[str, str]:
    if "json" in request.headers.get("Content-Type", ""):
        try:
            fields: Any = json.loads(await request.body())
        except ValueError as error:
            raise TokenRefused("invalid_request", "The request body is not valid JSON") from error
        if not isinstance(fields, dict):
            raise TokenRefused("invalid_request", "The request body is not an object")
        return {str(name): str(value) for name, value in cast("dict[str, object]", fields).items()}
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _refresh(simulation: Simulation, fields: dict[str, str]) -> AccessToken:
    if fields.get("grant_type") != "refresh_token":
        raise TokenRefused("unsupported_grant_type", "The authorization grant type is not supported")
    return simulation.tokens.refresh(
        client_id=fields.get("client_id", ""),
        client_secret=fields.get("client_secret", ""),
        refresh_token=fields.get("refresh_token", ""),
    )


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
        "outputChannels": [],
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
