"""Counts of what was asked and what became of it: in all, by instance, by workflow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

_COUNTED = ("submissions", "pending", "running", "succeeded", "failed", "rejected", "cancelled", "throttled")


class Stats:
    """Monotonic counts, two gauges (pending, running) and their peak; a submission is an accepted create."""

    def __init__(self) -> None:
        self._total: Counter[str] = Counter()
        self._by_instance: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._by_workflow: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def count(self, name: str, instance_id: str, *, workflow_id: str | None, by: int = 1) -> None:
        """Add to one count of the total, the instance and the workflow."""
        for counter in self._counters(instance_id, workflow_id):
            counter[name] += by
            if name == "running":
                counter["peak_running"] = max(counter["peak_running"], counter["running"])

    def as_json(self) -> dict[str, Any]:
        """Return the totals, then the same under `by_instance` and `by_workflow`."""
        return {
            **_shown(self._total),
            "by_instance": {key: _shown(counter) for key, counter in sorted(self._by_instance.items())},
            "by_workflow": {key: _shown(counter) for key, counter in sorted(self._by_workflow.items())},
        }

    def _counters(self, instance_id: str, workflow_id: str | None) -> Iterable[Counter[str]]:
        yield self._total
        yield self._by_instance[instance_id]
        if workflow_id is not None:
            yield self._by_workflow[workflow_id]


def _shown(counter: Counter[str]) -> dict[str, int]:
    return {name: counter[name] for name in (*_COUNTED, "peak_running")}
