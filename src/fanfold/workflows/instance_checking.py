"""Checks a workflow on the instances of a batch that is to run it, one line of its own for each."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from fanfold.catalog.catalog import Catalog
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Failure, Permanent
from fanfold.sdk.kind import Finding, Trial
from fanfold.workflows.model import KIND, Draft, PreviewedInstance

_AT_ONCE = 4
_SECONDS = 120.0


class Opens(Protocol):
    """Opens a client of one of the user's connections."""

    def opened(self, connection_id: UUID, *, user_id: UUID) -> AbstractAsyncContextManager[Any]:
        """Open it for one use."""
        ...


@dataclass(frozen=True, slots=True)
class CheckedInstance:
    """One instance and what speaks against running the workflow on it."""

    target: Target
    findings: Sequence[Finding]

    @property
    def is_good(self) -> bool:
        """Whether nothing refuses it."""
        return all(finding.severity != "error" for finding in self.findings)


class InstanceChecker:
    """Asks the kind about each instance, through the instance's own connection, a few at a time."""

    def __init__(self, catalog: Catalog, connections: Opens, *, seconds: float = _SECONDS) -> None:
        self._catalog = catalog
        self._connections = connections
        self._seconds = seconds

    async def check(
        self,
        draft: Draft,
        instances: Sequence[PreviewedInstance],
        *,
        user_id: UUID,
        rehearse: bool,
    ) -> list[CheckedInstance]:
        """Return what was found, in the order given; an instance that fails is a finding of its own."""
        definition = _definition(draft)
        turns: defaultdict[UUID | None, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_AT_ONCE))
        async with AsyncExitStack() as stack:
            wanted = {each.target.connection_id for each in instances}
            clients = await self._opened(wanted, stack, user_id=user_id)

            async def one(instance: PreviewedInstance) -> CheckedInstance:
                target = instance.target
                client = clients.get(target.connection_id)
                trial = Trial(definition, instance.parameters, target, client, rehearse)
                async with turns[target.connection_id]:
                    return CheckedInstance(target, await self._found(trial))

            return list(await asyncio.gather(*map(one, instances)))

    async def _opened(
        self, connection_ids: set[UUID | None], stack: AsyncExitStack, *, user_id: UUID
    ) -> dict[UUID | None, Any]:
        """Open each connection once; one that cannot be opened stands as its failure."""
        clients: dict[UUID | None, Any] = {}
        for connection_id in connection_ids:
            if connection_id is None:
                clients[None] = Permanent("The instance has no connection.", hint="Give it one.")
                continue
            try:
                opening = self._connections.opened(connection_id, user_id=user_id)
                clients[connection_id] = await stack.enter_async_context(opening)
            except Failure as failure:
                clients[connection_id] = failure
        return clients

    async def _found(self, trial: Trial) -> Sequence[Finding]:
        try:
            if isinstance(trial.client, Failure):
                raise trial.client
            async with asyncio.timeout(self._seconds):
                return await self._catalog.kind(KIND).inspect_on(trial)
        except Failure as failure:
            return [_unreachable(failure.message, failure.hint or "")]
        except TimeoutError:
            return [_unreachable(f"The check was not done within {self._seconds:.0f} s.", "Check again.")]


def _definition(draft: Draft) -> dict[str, Any]:
    parameters = [parameter.as_json() for parameter in draft.parameters]
    return {
        "workflow_id": str(uuid7()),
        "key": draft.key,
        "version": 0,
        "sql_query": draft.sql_query,
        "parameters": parameters,
    }


def _unreachable(message: str, fix: str) -> Finding:
    why = "The instance could not be looked at, so a batch would hardly run there."
    return Finding("instance_unreachable", "error", message, explanation=why, fix=fix)
