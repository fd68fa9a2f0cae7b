"""Every execution that was accepted, by instance; answers the API's list."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from amcsim.errors import NotFound
from amcsim.executions.model import Execution, Status


class Ledger:
    """Keeps executions for as long as the simulator lives."""

    def __init__(self) -> None:
        self._by_instance: defaultdict[str, dict[str, Execution]] = defaultdict(dict)

    def add(self, execution: Execution) -> None:
        """Keep an execution."""
        self._by_instance[execution.request.instance.instance_id][execution.execution_id] = execution

    def get(self, instance_id: str, execution_id: str) -> Execution:
        """Return one; raises NotFound."""
        execution = self._by_instance[instance_id].get(execution_id)
        if execution is None:
            raise NotFound(f"Execution with ID {execution_id} does not exist.")
        return execution

    def newest(self) -> list[Execution]:
        """Return every execution, the newest first."""
        everything = [execution for own in self._by_instance.values() for execution in own.values()]
        return sorted(everything, key=lambda execution: execution.ordinal, reverse=True)

    def ad_hoc_since(self, instance_id: str, moment: datetime) -> int:
        """Return how many ad hoc executions were created since *moment*; dry runs do not count."""
        return sum(
            execution.created_at >= moment and not (execution.request.scheduled or execution.request.dry_run)
            for execution in self._by_instance[instance_id].values()
        )

    def select(
        self,
        instance_id: str,
        *,
        workflow_id: str | None,
        created_from: datetime | None,
        created_until: datetime | None,
        include_cancelled: bool,
        ascending: bool,
    ) -> list[Execution]:
        """Return the executions that match, newest first unless *ascending*."""
        chosen = [
            execution
            for execution in self._by_instance[instance_id].values()
            if (workflow_id is None or execution.request.workflow_id == workflow_id)
            and (created_from is None or execution.created_at >= created_from)
            and (created_until is None or execution.created_at <= created_until)
            and (include_cancelled or execution.status is not Status.CANCELLED)
        ]
        return chosen if ascending else chosen[::-1]
