"""The time window of an execution: four reserved parameters that every workflow takes without declaring them.

AMC filters every event table by it; a window that nobody named is its most recent day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fanfold.kinds.amc_workflow.datatypes import is_date, is_timestamp
from fanfold.sdk.errors import Problem

START, END, ZONE, TYPE = "startDate", "endDate", "timeZone", "timeWindowType"
RESERVED = frozenset({START, END, ZONE, TYPE})

_WIRE_FORMAT = "%Y-%m-%dT%H:%M:%S"
# AMC keeps about 13 months, and promises complete data after 48 hours.
_HISTORY = timedelta(days=396)
_SETTLING = timedelta(hours=48)


class WindowType(StrEnum):
    """How a window is named (AMC reporting API, timeWindowType)."""

    ALL = "ALL"
    CURRENT_MONTH = "CURRENT_MONTH"
    EXPLICIT = "EXPLICIT"
    MOST_RECENT_DAY = "MOST_RECENT_DAY"
    MOST_RECENT_WEEK = "MOST_RECENT_WEEK"
    PREVIOUS_MONTH = "PREVIOUS_MONTH"


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A window; only an explicit one has edges, local to its zone and half-open."""

    type: WindowType
    zone: str
    start: datetime | None = None
    end: datetime | None = None

    def as_request(self) -> dict[str, Any]:
        """Return the fields of a create request."""
        fields: dict[str, Any] = {"timeWindowType": self.type.value, "timeWindowTimeZone": self.zone}
        if self.start is not None and self.end is not None:
            fields["timeWindowStart"] = self.start.strftime(_WIRE_FORMAT)
            fields["timeWindowEnd"] = self.end.strftime(_WIRE_FORMAT)
        return fields


def window_of(parameters: Mapping[str, Any]) -> TimeWindow:
    """Return the window that checked parameters name."""
    zone = str(parameters.get(ZONE) or "UTC")
    start, end = _moment(parameters.get(START)), _moment(parameters.get(END), is_end=True)
    if start is not None and end is not None:
        return TimeWindow(WindowType.EXPLICIT, zone, start, end)
    return TimeWindow(WindowType(parameters.get(TYPE) or WindowType.MOST_RECENT_DAY), zone)


def window_problems(parameters: Mapping[str, Any]) -> Sequence[Problem]:
    """Return everything that is wrong with the four parameters."""
    problems = [*_form_problems(parameters)]
    return problems or [*_combination_problems(parameters)]


def window_warnings(window: TimeWindow, *, now: datetime) -> Sequence[str]:
    """Return what may surprise about a window at *now*."""
    if window.start is None or window.end is None:
        return ()
    zone = ZoneInfo(window.zone)
    warnings: list[str] = []
    if window.end.replace(tzinfo=zone) > now - _SETTLING:
        warnings.append("The window ends within the last 48 hours, for which AMC's data may be incomplete.")
    if window.start.replace(tzinfo=zone) < now - _HISTORY:
        warnings.append(
            "The window starts more than 13 months ago; AMC has deleted most data older than that."
        )
    return warnings


def _form_problems(parameters: Mapping[str, Any]) -> Sequence[Problem]:
    problems: list[Problem] = []
    for name in (START, END):
        value = parameters.get(name)
        if value is not None and not is_date(value) and not is_timestamp(value):
            text = (
                f"{name} must be a date like 2026-01-31 or a moment like 2026-01-31T18:00:00, not {value!r}."
            )
            problems.append(Problem(f"/{name}", text))
    zone = parameters.get(ZONE)
    if zone is not None and not _is_zone(zone):
        problems.append(Problem(f"/{ZONE}", f"{ZONE} must be a name like Europe/Berlin, not {zone!r}."))
    window_type = parameters.get(TYPE)
    if window_type is not None and window_type not in list(WindowType):
        allowed = ", ".join(WindowType)
        problems.append(Problem(f"/{TYPE}", f"{TYPE} must be one of {allowed}, not {window_type!r}."))
    return problems


def _combination_problems(parameters: Mapping[str, Any]) -> Sequence[Problem]:
    start, end = _moment(parameters.get(START)), _moment(parameters.get(END), is_end=True)
    window_type = parameters.get(TYPE)
    if window_type not in {None, WindowType.EXPLICIT} and (start or end):
        return [
            Problem(f"/{TYPE}", f"{TYPE} {window_type} takes no {START} and no {END}; only EXPLICIT does.")
        ]
    wants_edges = window_type == WindowType.EXPLICIT or start or end
    if wants_edges and not (start and end):
        missing = [name for name, edge in ((START, start), (END, end)) if edge is None]
        return [
            Problem(f"/{name}", f"{name} is missing: an explicit window needs both edges.")
            for name in missing
        ]
    if start and end and start >= end:
        return [Problem(f"/{START}", f"{START} must lie before {END}.")]
    return []


def _moment(value: Any, *, is_end: bool = False) -> datetime | None:
    """Read an edge. A date as the end includes its day, since AMC's own end is exclusive."""
    if is_date(value):
        midnight = datetime.combine(date.fromisoformat(value), datetime.min.time())
        return midnight + timedelta(days=1) if is_end and midnight.date() < date.max else midnight
    return datetime.fromisoformat(value) if is_timestamp(value) else None


def _is_zone(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(ZoneInfo(value).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
