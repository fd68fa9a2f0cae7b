"""Looks at every step that work takes through a connection, and names the one that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from fanfold.connections.model import ProbeStep
from fanfold.connections.service import ConnectionService
from fanfold.sdk.discovery import CheckedStep, Checking, Trouble
from fanfold.sdk.errors import Cause, Failure

_SECONDS = 180.0
_OPEN = "open"
_CALL = "call"
_PROBED = {ProbeStep.SECRETS: Cause.SECRETS, ProbeStep.SETTINGS: Cause.SETTINGS}


class KnownTargets(Protocol):
    """Knows what is reached through a connection."""

    async def addresses(
        self, connection_id: UUID, *, user_id: UUID, at_most: int
    ) -> tuple[list[Mapping[str, Any]], int]:
        """Return the attributes of some of its targets, and how many there are."""
        ...


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What a check found, step by step."""

    steps: tuple[CheckedStep, ...]
    targets_checked: int = 0
    targets_total: int = 0

    @property
    def failed(self) -> CheckedStep | None:
        """The first step that does not work; None when all do."""
        return next((step for step in self.steps if step.trouble), None)


class ConnectionHealth:
    """Checks connections from where the server is."""

    def __init__(
        self, connections: ConnectionService, targets: KnownTargets, *, seconds: float = _SECONDS
    ) -> None:
        self._connections = connections
        self._targets = targets
        self._seconds = seconds

    async def check(self, connection_id: UUID, *, user_id: UUID, at_most: int) -> HealthReport:
        """Check a connection and *at_most* so many of its targets. Raises `ConnectionNotFound`."""
        found, total = await self._targets.addresses(connection_id, user_id=user_id, at_most=at_most)
        steps: list[CheckedStep] = []
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._connections.opened(connection_id, user_id=user_id) as client,
            ):
                if not isinstance(client, Checking):
                    return await self._probed(connection_id, user_id=user_id)
                await _collect(client, found, steps)
        except Failure as failure:
            trouble = Trouble.of(failure)
            step = trouble.cause.value if trouble.cause in _PROBED.values() else _OPEN
            steps.append(CheckedStep(step, "", trouble, 0))
        except TimeoutError:
            late = Trouble(Cause.TIMEOUT, f"The check was not done within {self._seconds:.0f} s.")
            steps.append(CheckedStep(_CALL, "", late, round(self._seconds * 1000)))
        return HealthReport(tuple(steps), len(found), total)

    async def _probed(self, connection_id: UUID, *, user_id: UUID) -> HealthReport:
        report = await self._connections.probe(connection_id, user_id=user_id)
        if report.failed_step is None:
            return HealthReport((CheckedStep(_CALL, "", None, 0, report.message),))
        cause = _PROBED.get(report.failed_step, Cause.REFUSED)
        trouble = Trouble(cause, report.message, report.hint)
        return HealthReport((CheckedStep(report.failed_step.value, "", trouble, 0),))


async def _collect(
    client: Checking, addresses: Sequence[Mapping[str, Any]], steps: list[CheckedStep]
) -> None:
    async for step in client.check(addresses):
        steps.append(step)  # noqa: PERF401 -- what was done stays when the time is up
