"""The nominal time window of an execution, resolved to UTC; half open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from amcsim.errors import BadRequest

WINDOW_FORMAT = "%Y-%m-%dT%H:%M:%S"
_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_HISTORY = timedelta(days=396)


@dataclass(frozen=True, slots=True)
class WindowRules:
    """What public sources leave open about windows; see `ApiOptions`."""

    zulu: Literal["strip", "reject"] = "strip"
    recent_week: Literal["rolling", "calendar"] = "rolling"
    rounding: Literal["none", "hour", "day"] = "none"


USUAL_RULES = WindowRules()


class WindowType(StrEnum):
    """How a window is named in a request."""

    ALL = "ALL"
    CURRENT_MONTH = "CURRENT_MONTH"
    EXPLICIT = "EXPLICIT"
    MOST_RECENT_DAY = "MOST_RECENT_DAY"
    MOST_RECENT_WEEK = "MOST_RECENT_WEEK"
    PREVIOUS_MONTH = "PREVIOUS_MONTH"


@dataclass(frozen=True, slots=True)
class Window:
    """`[start, end)` in UTC, with the edges as they were named."""

    start: datetime
    end: datetime
    start_original: str
    end_original: str
    timezone: str


def resolve_window(
    window_type: WindowType,
    *,
    start: str | None,
    end: str | None,
    timezone: str,
    now: datetime,
    rules: WindowRules = USUAL_RULES,
) -> Window:
    """Return the window that a request means at *now*; raises BadRequest."""
    zone = _zone(timezone)
    if window_type is WindowType.EXPLICIT:
        if start is None or end is None:
            raise BadRequest("timeWindowStart and timeWindowEnd are required when timeWindowType is EXPLICIT")
        first, last = (_moment(text, zone, rules.zulu) for text in (start, end))
        # in UTC, because Python compares two moments of one zone by their wall clocks
        if first.astimezone(UTC) >= last.astimezone(UTC):
            raise BadRequest("timeWindowStart must be before timeWindowEnd")
    else:
        if start is not None or end is not None:
            raise BadRequest(
                "timeWindowStart and timeWindowEnd are only allowed when timeWindowType is EXPLICIT"
            )
        first, last = _relative(window_type, now.astimezone(zone), rules)
    first, last = _floor(first, rules.rounding), _ceiling(last, rules.rounding)
    return Window(
        start=first.astimezone(UTC),
        end=last.astimezone(UTC),
        start_original=start or first.strftime(WINDOW_FORMAT),
        end_original=end or last.strftime(WINDOW_FORMAT),
        timezone=timezone,
    )


def parse_moment(text: str, *, timezone: str = "UTC") -> datetime:
    """Return the moment of `yyyy-MM-ddTHH:mm:ss` in *timezone*; raises BadRequest."""
    return _moment(text, _zone(timezone), "reject")


def _relative(window_type: WindowType, local_now: datetime, rules: WindowRules) -> tuple[datetime, datetime]:
    midnight = local_now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = midnight.replace(day=1)
    if window_type is WindowType.ALL:
        return midnight - _HISTORY, local_now
    if window_type is WindowType.CURRENT_MONTH:
        return month, local_now
    if window_type is WindowType.PREVIOUS_MONTH:
        return (month - timedelta(days=1)).replace(day=1), month
    if window_type is WindowType.MOST_RECENT_WEEK and rules.recent_week == "calendar":
        midnight -= timedelta(days=midnight.weekday())
    days = 7 if window_type is WindowType.MOST_RECENT_WEEK else 1
    return midnight - timedelta(days=days), midnight


def _floor(moment: datetime, rounding: str) -> datetime:
    if rounding == "none":
        return moment
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour.replace(hour=0) if rounding == "day" else hour


def _ceiling(moment: datetime, rounding: str) -> datetime:
    floor = _floor(moment, rounding)
    if floor == moment:
        return moment
    return floor + (timedelta(days=1) if rounding == "day" else timedelta(hours=1))


def _moment(text: str, zone: ZoneInfo, zulu: str) -> datetime:
    plain = text[:-1] if text.endswith("Z") and zulu == "strip" else text
    if not _SHAPE.fullmatch(plain):
        raise BadRequest(f"Invalid date '{text}': expected the format yyyy-MM-dd'T'HH:mm:ss")
    try:
        return datetime.strptime(plain, WINDOW_FORMAT).replace(tzinfo=zone)
    except ValueError as error:
        raise BadRequest(f"Invalid date '{text}': {error}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadRequest(f"Unknown time zone '{name}'") from error
