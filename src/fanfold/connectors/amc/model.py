"""What AMC's answers say, as values; flat and wrapped shapes read alike."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, cast

log = logging.getLogger(__name__)


class Addressed(Protocol):
    """An instance, and the account and marketplace whose names the headers of every call must carry."""

    @property
    def instance_id(self) -> str:
        """The id in the path."""
        ...

    @property
    def account_id(self) -> str:
        """The entity that owns the instance."""
        ...

    @property
    def marketplace_id(self) -> str:
        """The marketplace of that entity."""
        ...


class ExecutionStatus(StrEnum):
    """Where an execution stands. `REJECTED` is absent from the published schema and seen live."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PUBLISHING = "PUBLISHING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


TERMINAL = frozenset({"SUCCEEDED", "FAILED", "CANCELLED", "REJECTED"})


@dataclass(frozen=True, slots=True)
class Account:
    """An AMC account that the login administers."""

    account_id: str
    account_name: str
    marketplace_id: str


@dataclass(frozen=True, slots=True)
class Instance:
    """An AMC instance as discovery lists it."""

    instance_id: str
    name: str
    sandbox: bool
    customer: str
    created_at: datetime | None
    advertiser_types: tuple[str, ...]
    entities: tuple[str, ...]
    datasets: tuple[str, ...] = ()
    """The labels of the paid data sets that it has."""
    answer: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)
    """All that AMC said of it, fields that nobody here knows included."""


@dataclass(frozen=True, slots=True)
class Execution:
    """A workflow execution. Times are what AMC echoes; `status` may be one that is not known yet."""

    execution_id: str
    workflow_id: str
    status: str
    status_reason: str | None = None
    created_at: datetime | None = None
    window_start: str | None = None
    """As it was sent, without an offset, where AMC echoes it so; else resolved to UTC."""
    window_end: str | None = None
    time_zone: str | None = None
    timeout_seconds: int | None = None
    execution_seconds: float | None = None
    parameter_values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    output_columns: tuple[Mapping[str, Any], ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)
    """All that AMC said of it, fields that nobody here knows included."""

    @property
    def is_terminal(self) -> bool:
        """Whether it has ended; a status that nobody knows has not."""
        return self.status in TERMINAL


@dataclass(frozen=True, slots=True)
class DataSource:
    """A table of an instance; columns as AMC lists them (`name`, `dataType`, `columnType`, `sensitivity`)."""

    name: str
    description: str
    columns: tuple[Mapping[str, Any], ...]
    answer: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)
    """All that AMC said of it, fields that nobody here knows included."""


def account_of(body: Mapping[str, Any]) -> Account:
    """Read one entry of `amcAccounts`."""
    return Account(_text(body, "accountId"), _text(body, "accountName"), _text(body, "marketplaceId"))


def instance_of(body: Mapping[str, Any]) -> Instance:
    """Read one instance."""
    body = unwrapped(body, "instance")
    return Instance(
        instance_id=_text(body, "instanceId"),
        name=_text(body, "instanceName"),
        sandbox=_text(body, "instanceType").upper() == "SANDBOX",
        customer=_text(body, "customerCanonicalName"),
        created_at=_moment(body.get("creationDatetime")),
        advertiser_types=_texts(body.get("advertiserTypes")),
        entities=_texts(body.get("entities")),
        datasets=tuple(_text(each, "label") for each in objects(body.get("optionalDatasets"))),
        answer=body,
    )


def execution_of(body: Mapping[str, Any]) -> Execution:
    """Read one execution. Raises `KeyError` when it carries no id."""
    body = unwrapped(body, "workflowExecution")
    return Execution(
        execution_id=str(body["workflowExecutionId"]),
        workflow_id=_text(body, "workflowId"),
        status=_status(body.get("status")),
        status_reason=_text(body, "statusReason") or None,
        created_at=_moment(body.get("createTime")),
        window_start=_text(body, "timeWindowStartOriginal") or _text(body, "timeWindowStart") or None,
        window_end=_text(body, "timeWindowEndOriginal") or _text(body, "timeWindowEnd") or None,
        time_zone=_text(body, "timeWindowTimeZoneOriginal") or None,
        timeout_seconds=_whole(body.get("workflowExecutionTimeoutSeconds")),
        execution_seconds=_number(body.get("executionTime")),
        parameter_values=_object(body.get("parameterValues")),
        output_columns=objects(body.get("outputColumns")),
        answer=body,
    )


def data_source_of(body: Mapping[str, Any]) -> DataSource:
    """Read one data source."""
    body = unwrapped(body, "dataSource")
    return DataSource(
        name=_text(body, "dataSourceId"),
        description=_text(body, "description"),
        columns=objects(body.get("columns")),
        answer=body,
    )


def unwrapped(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object under *name* where AMC wrapped it, as its schema says, else *body*, as seen live."""
    inner = body.get(name)
    return cast("Mapping[str, Any]", inner) if isinstance(inner, Mapping) else body


def objects(value: Any) -> tuple[Mapping[str, Any], ...]:
    """Return the JSON objects of a list, nothing of anything else."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    entries = cast("Sequence[Any]", value)
    return tuple(cast("Mapping[str, Any]", entry) for entry in entries if isinstance(entry, Mapping))


def _status(value: Any) -> str:
    status = str(value or "").upper()
    if status not in ExecutionStatus.__members__:
        log.warning("amc.unknown_status", extra={"status": status})
    return status


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _texts(value: Any) -> tuple[str, ...]:
    entries = cast("list[Any]", value) if isinstance(value, list) else []
    return tuple(str(entry) for entry in entries)


def _object(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _number(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
