"""The rules that every kind and connector must keep, as functions that return what is broken.

def test_hello_keeps_the_rules():
    assert kind_faults(Hello(), targets=[Target("t1", "Target 1")]) == []
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from fanfold.sdk.connector import Connector
from fanfold.sdk.context import Target
from fanfold.sdk.kind import Kind

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_SEVERITIES = frozenset({"error", "warning"})


def kind_faults(
    kind: Kind,
    *,
    definition: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    targets: Sequence[Target] = (),
) -> list[str]:
    """Return which rules *kind* breaks, given a sound definition, sound parameters and some targets."""
    definition, parameters = definition or {}, parameters or {}
    return [
        *_name_faults(kind.name, kind.title),
        *_schema_faults(kind.parameters),
        *_limit_faults(kind, targets),
        *(f"refuses sound parameters: {fault.message}" for fault in kind.check(definition, parameters)),
        *_inspection_faults(kind, definition),
        *_entry_faults(type(kind)),
    ]


def connector_faults(
    connector: Connector, *, config: Mapping[str, Any], secrets: Mapping[str, Any]
) -> list[str]:
    """Return which rules *connector* breaks, given sound values; nothing is connected to."""
    connector.config.model_validate(config)
    return [
        *_name_faults(connector.name, connector.title),
        *_schema_faults(connector.config),
        *_secret_faults(connector.config, connector.secrets, values=secrets),
        *_entry_faults(type(connector)),
    ]


def _name_faults(name: str, title: str) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield f"the name {name!r} is not of lower-case words joined by dots"
    if not title.strip():
        yield "the title is empty"


def _entry_faults(plugin: type[Kind | Connector]) -> Iterator[str]:
    try:
        plugin()
    except TypeError as error:
        yield f"cannot be made without arguments, as the catalog does: {error}"


def _schema_faults(model: type[BaseModel]) -> Iterator[str]:
    schema = model.model_json_schema()
    json.dumps(schema)
    for name, described in schema.get("properties", {}).items():
        if not described.get("description"):
            yield f"the field {name} of {model.__name__} has no description for its form"


def _limit_faults(kind: Kind, targets: Sequence[Target]) -> Iterator[str]:
    for target in targets:
        limits = kind.limits(target)
        keys = [limit.key for limit in limits]
        if len(set(keys)) < len(keys):
            yield f"names a limit key twice for {target.name}: {keys}"
        for limit in limits:
            if limit.max_running is not None and limit.max_running < 1:
                yield f"has the limit {limit.key!r} of {limit.max_running}"
            if ":" not in limit.key:
                yield f"has the limit {limit.key!r}; keys look like `noun:id`"
        if list(limits) != list(kind.limits(target)):
            yield f"names other limits for {target.name} when asked again"


def _inspection_faults(kind: Kind, definition: Mapping[str, Any]) -> Iterator[str]:
    for finding in kind.inspect(definition):
        if finding.severity not in _SEVERITIES:
            yield f"finds {finding.rule} with the severity {finding.severity!r}"
        if finding.severity == "error":
            yield f"refuses a sound definition: {finding.message}"


def _secret_faults(
    config: type[BaseModel], secrets: type[BaseModel], *, values: Mapping[str, Any]
) -> Iterator[str]:
    for name, field in secrets.model_fields.items():
        if "Secret" not in str(field.annotation):
            yield f"the secret {name} is no SecretStr, so its text may reach a log"
    shown = repr(secrets.model_validate(values))
    for name, value in values.items():
        if isinstance(value, str) and value in shown:
            yield f"the secret {name} shows in a repr"
    for name in set(config.model_fields) & set(secrets.model_fields):
        yield f"the field {name} is configuration and secret at once"
