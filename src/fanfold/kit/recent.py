"""What was found out about many things, kept for a moment and only while the things stay as they were."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST_KEPT = 10_000


class Recent(Generic[T]):
    """Keeps a finding about each thing for so many seconds; *clock* tells seconds."""

    def __init__(self, seconds: float = 1.0, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[object, float, T]] = OrderedDict()

    def get(self, thing: Hashable, state: object) -> T | None:
        """Return what was found about *thing* of late, None if nothing was or its *state* is another now."""
        kept = self._kept.get(thing)
        if kept is None:
            return None
        seen, until, finding = kept
        return finding if self._clock() < until and seen == state else None

    def keep(self, thing: Hashable, state: object, *, finding: T) -> None:
        """Keep *finding* about *thing*, which is in *state*."""
        self._kept[thing] = (state, self._clock() + self._seconds, finding)
        self._kept.move_to_end(thing)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
