"""The rules that every kind and connector must keep, as functions that return what is broken.

def test_hello_keeps_the_rules():
    assert kind_faults(Hello(), targets=[Target("t1", "Target 1")]) == []
"""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

from fanfold.sdk.connector import Connector
from fanfold.sdk.context import Target
from fanfold.sdk.kind import Kind
from fanfold.sdk.testing.hearing import leaks, listening

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_FORMS = frozenset({"type", "enum", "const", "anyOf", "allOf", "oneOf", "$ref"})
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
        *_empty_input_faults(kind),
        *_entry_faults(type(kind)),
        *_pickle_faults(kind, targets),
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


async def connection_faults(
    connector: Connector, *, config: Mapping[str, Any], secrets: Mapping[str, Any]
) -> list[str]:
    """Return what is wrong with opening a client; nothing is called, so the system need not be there."""
    filled = connector.config.model_validate(config), connector.secrets.model_validate(secrets)
    texts = [value for value in secrets.values() if isinstance(value, str)]
    with listening() as heard:
        try:
            async with connector.open(*filled) as one, connector.open(*filled) as other:
                shown = [repr(one), str(one)]
                faults = ["gives the same client to two connections"] if one is other else []
        except Exception as error:  # noqa: BLE001 -- whatever a stranger's connector raises is a finding
            return [f"cannot be opened and closed without a call: {type(error).__name__}: {error}"]
        leaked = leaks([*shown, *heard.texts()], texts)
    return [*faults, *(f"shows the secret {secret[:3]}… in its client or its log" for secret in leaked)]


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
    try:
        schema = model.model_json_schema()
        json.dumps(schema)
    except (PydanticInvalidForJsonSchema, PydanticUserError, TypeError) as error:
        yield f"{model.__name__} has no JSON schema: {error}"
        return
    for name, described in schema.get("properties", {}).items():
        if not described.get("description"):
            yield f"the field {name} of {model.__name__} has no description for its form"
        if not _FORMS & set(described):
            yield f"the field {name} of {model.__name__} has no type that a form could show"


def _empty_input_faults(kind: Kind) -> Iterator[str]:
    """Checks run on what users are still writing; they say what is missing and never stumble."""
    try:
        if list(kind.check({}, {})) != list(kind.check({}, {})):
            yield "says other things about empty parameters when asked again"
        list(kind.inspect({}))
    except Exception as error:  # noqa: BLE001 -- whatever a stranger's kind raises is a finding
        yield f"raises {type(error).__name__} when it checks empty input"


def _pickle_faults(kind: Kind, targets: Sequence[Target]) -> Iterator[str]:
    """What `Context.compute` takes along crosses processes, the kind itself too if a method is passed."""
    try:
        copy: Kind = pickle.loads(pickle.dumps(kind))  # noqa: S301 -- our own bytes
    except Exception as error:  # noqa: BLE001 -- whatever a stranger's kind raises is a finding
        yield f"cannot be pickled: {error}"
        return
    for target in targets:
        if list(copy.limits(target)) != list(kind.limits(target)):
            yield f"names other limits for {target.name} in another process"


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
