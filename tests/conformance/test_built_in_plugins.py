"""Every built-in kind and connector keeps the rules that strangers' plug-ins keep."""

from __future__ import annotations

import pytest

from fanfold.catalog.catalog import load_catalog
from fanfold.sdk.context import Target
from fanfold.sdk.testing import connector_faults, kind_faults

CATALOG = load_catalog()
KINDS = {
    "amc.workflow": {
        "definition": {
            "workflow_id": "01890000-0000-7000-8000-00000000abcd",
            "key": "clicks",
            "version": 1,
            "sql_query": "SELECT campaign, SUM(clicks) AS clicks FROM dsp_clicks GROUP BY campaign",
            "parameters": [],
        },
        "parameters": {"startDate": "2026-10-01", "endDate": "2026-10-31"},
        "targets": [
            Target("one", "One", attributes={"instance_id": "amcone", "account_id": "ENTITY1"}),
            Target("bare", "Bare"),
        ],
    },
    "amc.result.fetch": {
        "parameters": {"execution_id": "0b0e1a4c-1111-4222-8333-444455556666"},
        "targets": [
            Target("one", "One", attributes={"instance_id": "amcone", "account_id": "ENTITY1"}),
            Target("bare", "Bare"),
        ],
    },
    "amc.workflow.sync": {
        "definition": {
            "workflow_id": "01890000-0000-7000-8000-00000000abcd",
            "key": "clicks",
            "version": 1,
            "sql_query": "SELECT campaign, SUM(clicks) AS clicks FROM dsp_clicks GROUP BY campaign",
            "parameters": [],
        },
        "parameters": {"action": "compare"},
        "targets": [
            Target("one", "One", attributes={"instance_id": "amcone", "account_id": "ENTITY1"}),
            Target("bare", "Bare"),
        ],
    },
    "http": {
        "definition": {
            "method": "POST",
            "url": "{{ target.attributes.url | raw }}/orders/{{ target.key }}",
            "query": {"day": "{{ parameters.day }}"},
            "body": {"region": "{{ target.attributes.region | default('eu') }}"},
            "result": {"rows": "$.items[*]", "columns": [{"name": "id", "path": "@.id", "type": "integer"}]},
            "poll": {"every_seconds": 2},
        },
        "parameters": {"day": "2026-11-01"},
        "targets": [
            Target("one", "One", attributes={"url": "https://api.example.com/v1"}),
            Target("two", "Two", attributes={"host": "API.example.com."}),
            Target("bare", "Bare"),
        ],
    },
    "noop": {"parameters": {"rows": 3}, "targets": [Target("one", "One")]},
    "python": {
        "definition": {"function": "echo"},
        "parameters": {"day": "2026-11-01"},
        "targets": [Target("one", "One")],
    },
}
CONNECTORS = {
    "amc": {
        "config": {"client_id": "amzn1.application-oa2-client.1", "region": "eu"},
        "secrets": {"client_secret": "the-client-secret", "refresh_token": "the-refresh-token"},
    },
    "http": {
        "config": {"base_url": "https://api.example.com/v1", "auth": "basic", "username": "ada"},
        "secrets": {"secret": "the-password-of-ada"},
    },
    "postgres": {
        "config": {"host": "db.example.com", "database": "sales", "user": "ada"},
        "secrets": {"password": "the-password-of-ada"},
    },
}


def test_every_plug_in_that_is_installed_is_examined_here():
    assert set(CATALOG.kinds) == set(KINDS)
    assert set(CATALOG.connectors) == set(CONNECTORS)


@pytest.mark.parametrize("name", KINDS)
def test_a_built_in_kind_keeps_the_rules(name):
    assert kind_faults(CATALOG.kinds[name], **KINDS[name]) == []


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_built_in_connector_keeps_the_rules(name):
    assert connector_faults(CATALOG.connectors[name], **CONNECTORS[name]) == []
