"""The optional budget against differencing: how often one workflow may read the same tables over
overlapping windows. AMC's own rule is unpublished; clients report that it counts per workflow id.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime

_Window = tuple[datetime, datetime]


class OverlapBudget:
    """Counts runs; never forgets, like the data that they could reveal."""

    def __init__(self, allowed: int | None) -> None:
        self._allowed = allowed
        self._runs: defaultdict[tuple[str, str, frozenset[str]], list[_Window]] = defaultdict(list)
        self._guard = threading.Lock()

    def spend(self, instance_id: str, workflow_id: str, *, tables: frozenset[str], window: _Window) -> bool:
        """Count one run and return whether it is within the budget; a refused one is not counted."""
        if self._allowed is None:
            return True
        start, end = window
        with self._guard:
            runs = self._runs[instance_id, workflow_id, tables]
            if sum(first < end and start < last for first, last in runs) >= self._allowed:
                return False
            runs.append(window)
            return True
