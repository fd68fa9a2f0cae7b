"""Which faults are set, and which of them strikes now. Counts every strike, so that tests can ask."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, TypeVar

from amcsim.faults.model import ANY_OPERATION, NAMED_ONLY, CallFault, Fault, FaultBase

F = TypeVar("F", bound=FaultBase)


@dataclass(slots=True)
class SetFault:
    """A fault that was set: what it is, how often it struck, and the last token serial of that moment."""

    fault_id: str
    fault: Fault
    token_serial: int
    hits: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it was meant to."""
        return self.fault.times is not None and self.hits >= self.fault.times

    def as_json(self) -> dict[str, Any]:
        """Return what the control API shows."""
        return {
            "id": self.fault_id,
            "hits": self.hits,
            "spent": self.spent,
            **self.fault.model_dump(mode="json"),
        }


class FaultPlan:
    """The faults of one simulator, in the order in which they were set; the first that matches strikes."""

    def __init__(self) -> None:
        self._set: dict[str, SetFault] = {}
        self._numbers = itertools.count(1)

    def add(self, fault: Fault, *, token_serial: int = 0) -> SetFault:
        """Set *fault* and return it with its id."""
        entry = SetFault(f"fault-{next(self._numbers)}", fault, token_serial)
        self._set[entry.fault_id] = entry
        return entry

    def listed(self) -> list[SetFault]:
        """Return every fault that was set and not cleared, spent ones included."""
        return list(self._set.values())

    def clear(
        self, *, fault_id: str | None = None, instance_id: str | None = None, kind: str | None = None
    ) -> int:
        """Remove the faults that match every given criterion; return how many."""
        chosen = [
            entry.fault_id
            for entry in self._set.values()
            if (fault_id is None or entry.fault_id == fault_id)
            and (instance_id is None or instance_id in (entry.fault.instance_ids or ()))
            and (kind is None or entry.fault.kind == kind)
        ]
        for chosen_id in chosen:
            del self._set[chosen_id]
        return len(chosen)

    def strike(self, kind: type[F], instance_id: str | None, *, operation: str | None = None) -> F | None:
        """Return the first live fault of *kind* that matches, counting the strike."""
        for entry in self._set.values():
            fault = entry.fault
            if isinstance(fault, kind) and not entry.spent and _applies(fault, instance_id, operation):
                entry.hits += 1
                return fault
        return None

    def token_is_expired(self, serial: int, instance_id: str | None) -> bool:
        """Return whether a fault declares tokens up to *serial* expired for this call, counting the
        strike.
        """
        for entry in self._set.values():
            fault = entry.fault
            expires = fault.kind == "expire_tokens" and serial <= entry.token_serial
            if expires and not entry.spent and _applies(fault, instance_id, None):
                entry.hits += 1
                return True
        return False


def _applies(fault: FaultBase, instance_id: str | None, operation: str | None) -> bool:
    if fault.instance_ids is not None and instance_id not in fault.instance_ids:
        return False
    if isinstance(fault, CallFault):
        everywhere = ANY_OPERATION in fault.operations and operation not in NAMED_ONLY
        return everywhere or operation in fault.operations
    return True
