"""Workflows as files: SQL that runs as it stands, its purpose in the first line, a YAML header in a comment.

-- How many people each campaign reached.
/*
key: reach-by-campaign
name: Reach by campaign
tags: [reach]
parameters:
  least: {type: INTEGER, default: 10, description: Campaigns with fewer people are left out.}
tables: [dsp_impressions]
*/
SELECT …
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import yaml

from fanfold.workflows.model import Draft, Parameter

_FILE = re.compile(r"\A-- (?P<purpose>[^\n]+)\n/\*\n(?P<header>.*?)\n\*/\n(?P<query>.+)\Z", re.DOTALL)
_FIELDS = {"key", "name", "tags", "parameters", "tables", "aggregate"}
_PARAMETER_FIELDS = {"type", "default", "required", "description"}


class WorkflowFileInvalid(ValueError):
    """A file is not a workflow."""


class _Header(yaml.SafeDumper):
    """YAML in which a text of several lines stays one."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    represent: Any = dumper
    return represent.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Header.add_representer(str, _text)


@dataclass(frozen=True, slots=True)
class WorkflowFile:
    """What one file says; `tables` are AMC's tables that the query reads."""

    draft: Draft
    tables: tuple[str, ...]


def read_workflow(text: str, *, name: str) -> WorkflowFile:
    """Return the workflow in *text*; raises `WorkflowFileInvalid` that names the file *name*."""
    found = _FILE.match(text)
    if found is None:
        raise WorkflowFileInvalid(
            f"{name}: expected a first line '-- purpose' and a header between /* and */"
        )
    try:
        header: object = yaml.safe_load(found["header"])
    except yaml.YAMLError as error:
        raise WorkflowFileInvalid(f"{name}: the header is not YAML: {error}") from error
    fields = _mapping(header, name=name, known=_FIELDS)
    if not isinstance(fields.get("aggregate", ""), str):
        raise WorkflowFileInvalid(f"{name}: the aggregate is SQL")
    for field in ("key", "name"):
        if not isinstance(fields.get(field), str):
            raise WorkflowFileInvalid(f"{name}: the header must say the {field}")
    parameters = _mapping(fields.get("parameters") or {}, name=name, known=None)
    draft = Draft(
        key=fields["key"],
        name=fields["name"],
        description=found["purpose"],
        sql_query=found["query"].strip(),
        parameters=tuple(_parameter(key, said, name=name) for key, said in parameters.items()),
        tags=_texts(fields.get("tags"), name=name),
        aggregate=str(fields.get("aggregate", "")).strip(),
    )
    return WorkflowFile(draft, _texts(fields.get("tables"), name=name))


def write_workflow(draft: Draft, *, tables: tuple[str, ...] = ()) -> str:
    """Return the file of *draft*, which `read_workflow` reads back.

    Raises `WorkflowFileInvalid` where the header would end early or the purpose needs more than a line.
    """
    header: dict[str, Any] = {"key": draft.key, "name": draft.name}
    if draft.tags:
        header["tags"] = list(draft.tags)
    if draft.parameters:
        header["parameters"] = {parameter.name: _said(parameter) for parameter in draft.parameters}
    if tables:
        header["tables"] = list(tables)
    if draft.aggregate:
        header["aggregate"] = draft.aggregate
    shown = yaml.dump(
        header, Dumper=_Header, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
    )
    purpose = " ".join((draft.description or draft.name).split())
    if "*/" in shown:
        raise WorkflowFileInvalid(f"{draft.key}: '*/' cannot stand in a header")
    return f"-- {purpose}\n/*\n{shown}*/\n{draft.sql_query.strip()}\n"


def _parameter(key: str, said: object, *, name: str) -> Parameter:
    fields = _mapping(said, name=f"{name}: parameter {key}", known=_PARAMETER_FIELDS)
    if not isinstance(fields.get("type"), str):
        raise WorkflowFileInvalid(f"{name}: parameter {key} must say its type")
    return Parameter(
        key,
        fields["type"],
        required=bool(fields.get("required")),
        default=fields.get("default"),
        description=str(fields.get("description") or ""),
    )


def _said(parameter: Parameter) -> dict[str, Any]:
    said: dict[str, Any] = {"type": parameter.data_type}
    if parameter.required:
        said["required"] = True
    if parameter.default is not None:
        said["default"] = parameter.default
    if parameter.description:
        said["description"] = parameter.description
    return said


def _mapping(value: object, *, name: str, known: set[str] | None) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise WorkflowFileInvalid(f"{name}: expected names and values")
    fields = cast("dict[str, Any]", value)
    unknown = sorted(str(field) for field in fields if known is not None and field not in known)
    if unknown:
        raise WorkflowFileInvalid(f"{name}: unknown: {', '.join(unknown)}")
    return fields


def _texts(value: object, *, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in cast("list[object]", value)):
        raise WorkflowFileInvalid(f"{name}: tags and tables are lists of words")
    return tuple(cast("list[str]", value))
