"""What this kind needs from a client of AMC; the connector `amc` offers it, and so may another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent


@dataclass(frozen=True, slots=True)
class Address:
    """Where the target is: an instance, its account and its marketplace."""

    instance_id: str
    account_id: str
    marketplace_id: str
    sandbox: bool


class RemoteExecution(Protocol):
    """An execution as the remote side shows it."""

    @property
    def execution_id(self) -> str:
        """Its id at AMC."""
        ...

    @property
    def status(self) -> str:
        """Upper case; one that nobody knows counts as at work."""
        ...

    @property
    def status_reason(self) -> str | None:
        """AMC's words on why it ended as it did."""
        ...

    @property
    def is_terminal(self) -> bool:
        """Whether nothing follows."""
        ...

    @property
    def window_start(self) -> str | None:
        """As it was sent."""
        ...

    @property
    def window_end(self) -> str | None:
        """As it was sent."""
        ...

    @property
    def time_zone(self) -> str | None:
        """As it was sent."""
        ...

    @property
    def timeout_seconds(self) -> int | None:
        """As it was sent."""
        ...

    @property
    def parameter_values(self) -> Mapping[str, Any]:
        """As they were sent, or as text."""
        ...

    @property
    def execution_seconds(self) -> float | None:
        """How long AMC computed."""
        ...

    @property
    def output_columns(self) -> Sequence[Mapping[str, Any]]:
        """`{"name", "columnType", "dataType"[, "precision", "scale"]}` of each; known after success."""
        ...


class SavingRemote(Protocol):
    """The calls for saved workflows. Every failure is one of the SDK's families."""

    async def get_workflow(self, address: Address, workflow_id: str) -> Mapping[str, Any] | None:
        """Return the saved workflow, None when there is none."""
        ...

    async def save_workflow(self, address: Address, workflow: Mapping[str, Any]) -> None:
        """Save it in place of an earlier one; may be done twice."""
        ...


class AmcRemote(SavingRemote, Protocol):
    """All calls that a run may make."""

    async def create_execution(
        self, address: Address, request: Mapping[str, Any], *, send_until: datetime
    ) -> RemoteExecution | None:
        """Submit once. None: the answer was lost, the execution may exist. A failure: it was not created.

        After *send_until* nothing is sent, whatever the call had to wait for before; what was sent arrives
        within five seconds or never.
        """
        ...

    async def get_execution(self, address: Address, execution_id: str) -> RemoteExecution | None:
        """Return the execution as it stands, None when AMC knows no such execution."""
        ...

    async def get_query(self, address: Address, execution_id: str) -> str | None:
        """Return the query that an execution ran, None when AMC does not show it."""
        ...

    async def find_executions(
        self, address: Address, *, workflow_id: str, since: datetime
    ) -> Sequence[RemoteExecution]:
        """Return a workflow's executions created since, newest first."""
        ...

    async def cancel_execution(self, address: Address, execution_id: str) -> None:
        """Stop it; one that has ended already is fine."""
        ...

    async def download(self, address: Address, execution_id: str, *, folder: Path) -> Sequence[Path]:
        """Write the result files into *folder*, each with its own header."""
        ...


def address_of(target: Target) -> Address:
    """Return where *target* is. Raises `Permanent` when its attributes do not say."""
    attributes = target.attributes
    instance_id, account_id = attributes.get("instance_id"), attributes.get("account_id")
    if not instance_id or not account_id:
        raise Permanent(
            f"{target.name} lacks its AMC instance id or account id.",
            hint="Complete the instance's settings: both are shown in the AMC console.",
        )
    return Address(
        instance_id=str(instance_id),
        account_id=str(account_id),
        marketplace_id=str(attributes.get("marketplace_id") or ""),
        sandbox=bool(attributes.get("sandbox", False)),
    )
