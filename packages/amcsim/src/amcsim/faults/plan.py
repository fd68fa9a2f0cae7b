"""Which faults are set, and which of them strikes now. Counts every strike, so that tests can ask.

Whether a fault with a probability strikes depends on the seed, the fault and how many calls of the same
instance matched it before, and on nothing else: the same calls meet the same faults, whatever their order
between instances.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from amcsim import noise
from amcsim.clock import Clock
from amcsim.faults.model import ANY_OPERATION, NAMED_ONLY, CallFault, Fault, FaultBase

F = TypeVar("F", bound=FaultBase)
_CERTAIN = 1.0
_SCALE = 1 << 30
_REMEMBERED = 20


@dataclass(slots=True)
class SetFault:
    """A fault that was set: what it is, how often it struck, and the last token serial of that moment."""

    fault_id: str
    fault: Fault
    token_serial: int
    set_at: datetime
    origin: str = ""
    """The scenario that set it; empty for one that was set by hand."""
    draw_key: str = ""
    hits: int = 0
    seen: int = 0
    draws: Counter[str] = field(default_factory=Counter[str])

    def spent(self, now: datetime) -> bool:
        """Return whether it has struck as often or was in force as long as it was meant to."""
        if self.fault.times is not None and self.hits >= self.fault.times:
            return True
        seconds = self.fault.seconds_active
        return seconds is not None and now >= self.set_at + timedelta(seconds=seconds)

    def as_json(self, now: datetime) -> dict[str, Any]:
        """Return what the control API shows."""
        return {
            "id": self.fault_id,
            "hits": self.hits,
            "spent": self.spent(now),
            "scenario": self.origin or None,
            **self.fault.model_dump(mode="json"),
        }


class FaultPlan:
    """The faults of one simulator, in the order in which they were set; the first that matches strikes."""

    def __init__(self, clock: Clock, *, seed: int) -> None:
        self._clock = clock
        self._seed = seed
        self._set: dict[str, SetFault] = {}
        self._numbers = itertools.count(1)

    def add(
        self, fault: Fault, *, token_serial: int = 0, origin: str = "", draw_key: str | None = None
    ) -> SetFault:
        """Set *fault* and return it with its id; faults of one *draw_key* strike alike."""
        fault_id = f"fault-{next(self._numbers)}"
        entry = SetFault(
            fault_id, fault, token_serial, self._clock.now(), origin, draw_key=draw_key or fault_id
        )
        self._set[entry.fault_id] = entry
        self._forget(origin)
        return entry

    def listed(self) -> list[dict[str, Any]]:
        """Return every fault that was set and not cleared, spent ones included."""
        now = self._clock.now()
        return [entry.as_json(now) for entry in self._set.values()]

    def clear(
        self,
        *,
        fault_id: str | None = None,
        instance_id: str | None = None,
        kind: str | None = None,
        origin: str | None = None,
    ) -> int:
        """Remove the faults that match every given criterion; return how many."""
        chosen = [
            entry.fault_id
            for entry in self._set.values()
            if (fault_id is None or entry.fault_id == fault_id)
            and (instance_id is None or instance_id in (entry.fault.instance_ids or ()))
            and (kind is None or entry.fault.kind == kind)
            and (origin is None or entry.origin == origin)
        ]
        for chosen_id in chosen:
            del self._set[chosen_id]
        return len(chosen)

    def strike(self, kind: type[F], instance_id: str | None, *, operation: str | None = None) -> F | None:
        """Return the first live fault of *kind* that matches, counting the strike."""
        return next(self._struck(kind, instance_id, operation), None)

    def strikes(self, kind: type[F], instance_id: str | None, *, matching: Callable[[F], bool]) -> list[F]:
        """Return every live fault of *kind* that applies and is *matching*, counting the strikes."""
        return list(self._struck(kind, instance_id, None, matching))

    def token_is_expired(self, serial: int, instance_id: str | None) -> bool:
        """Return whether a fault declares tokens up to *serial* expired for this call, counting the
        strike.
        """
        for entry in self._live():
            expires = entry.fault.kind == "expire_tokens" and serial <= entry.token_serial
            if expires and _applies(entry.fault, instance_id, None) and self._drawn(entry, instance_id):
                return True
        return False

    def _forget(self, origin: str) -> None:
        """Drop what a scenario set long ago and what is over, lest a long run slow down."""
        now = self._clock.now()
        over = [
            entry.fault_id
            for entry in self._set.values()
            if origin and entry.origin == origin and entry.spent(now)
        ]
        for fault_id in over[:-_REMEMBERED]:
            del self._set[fault_id]

    def _live(self) -> Iterator[SetFault]:
        now = self._clock.now()
        return (entry for entry in list(self._set.values()) if not entry.spent(now))

    def _struck(
        self,
        kind: type[F],
        instance_id: str | None,
        operation: str | None,
        matching: Callable[[F], bool] | None = None,
    ) -> Iterator[F]:
        for entry in self._live():
            fault = entry.fault
            if not isinstance(fault, kind) or not _applies(fault, instance_id, operation):
                continue
            if (matching is None or matching(fault)) and self._drawn(entry, instance_id):
                yield fault

    def _drawn(self, entry: SetFault, instance_id: str | None) -> bool:
        """Count that *entry* matched, and return whether it strikes."""
        entry.seen += 1
        if entry.seen <= entry.fault.after:
            return False
        if entry.fault.probability < _CERTAIN:
            place = instance_id or ""
            draw = entry.draws[place]
            entry.draws[place] += 1
            path = (self._seed, entry.origin, entry.draw_key, place, draw)
            if noise.below(_SCALE, *path) >= entry.fault.probability * _SCALE:
                return False
        entry.hits += 1
        return True


def _applies(fault: FaultBase, instance_id: str | None, operation: str | None) -> bool:
    if fault.instance_ids is not None and instance_id not in fault.instance_ids:
        return False
    if isinstance(fault, CallFault):
        everywhere = ANY_OPERATION in fault.operations and operation not in NAMED_ONLY
        return everywhere or operation in fault.operations
    return True
