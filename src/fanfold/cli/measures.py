"""Rates, budgets, quiet hours, durations and moments as people type them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fanfold.client.errors import BadInput
from fanfold.client.policy import Budget, QuietHours, Rate

NONE = "none"
"""Takes a bound away."""
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_RATE = re.compile(r"(\d+)/(\d+(?:\.\d+)?)?(ms|s|m|h|d)")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)(%?)")
_QUIET = re.compile(r"(\d{1,2}:\d{2})-(\d{1,2}:\d{2})")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rate(text: str) -> Rate:
    """Read `60/m`, `10/s`, `5/30s`: so many starts per time. Raises `BadInput`."""
    if (found := _RATE.fullmatch(text.strip())) is None:
        raise BadInput(400, f"{text!r} is no rate: give one as 60/m, 10/s or 5/30s.")
    count, number, unit = found.groups()
    return Rate(count=int(count), per_seconds=float(number or 1) * _UNITS[unit])


def budget(text: str, *, strict: bool = False) -> Budget:
    """Read `5%`, `3` or `3,5%`: the failures that a batch bears. Raises `BadInput`."""
    bounds: dict[str, float] = {}
    for part in text.split(","):
        found = _SHARE.fullmatch(part.strip())
        name = "percent" if found and found[2] else "count"
        if found is None or name in bounds or (name == "count" and "." in found[1]):
            raise BadInput(
                400, f"{text!r} is no budget: give a count, a percentage or both, as 3, 5% or 3,5%."
            )
        bounds[name] = float(found[1]) if found[2] else int(found[1])
    return Budget.model_validate({**bounds, **({"strict": True} if strict else {})})


def quiet_hours(texts: Sequence[str]) -> tuple[QuietHours, ...]:
    """Read `22:00-06:00`, `22:00-06:00 Europe/Berlin`, `… sat,sun`; `none` alone. Raises `BadInput`."""
    return () if list(texts) == [NONE] else tuple(_period(text) for text in texts)


def seconds(text: str) -> float:
    """Read `90`, `90s`, `5m`, `2h`, `1d` as seconds. Raises `BadInput`."""
    if (found := _DURATION.fullmatch(text.strip())) is None:
        raise BadInput(400, f"{text!r} is no duration: give one as 90s, 5m, 2h or 1d.")
    return float(found[1]) * _UNITS[found[2] or "s"]


def moment(text: str) -> datetime:
    """Read a time as `2026-12-01T06:00+01:00`, in UTC where it has no zone, or `2h` from now."""
    if _DURATION.fullmatch(text.strip()):
        return datetime.now(UTC) + timedelta(seconds=seconds(text))
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(400, f"{text!r} is no time: give 2026-12-01T06:00+01:00, or 2h from now.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _period(text: str) -> QuietHours:
    hours, *rest = text.split()
    found = _QUIET.fullmatch(hours)
    days = [word for word in rest if _days_of(word)]
    zones = [word for word in rest if not _days_of(word)]
    if found is None or len(days) > 1 or len(zones) > 1:
        message = f"{text!r} are no quiet hours: give them as '22:00-06:00 Europe/Berlin sat,sun'."
        raise BadInput(400, message)
    start, end = (time.zfill(5) for time in found.groups())
    return QuietHours(start=start, end=end, timezone=zones[0] if zones else "UTC", days=_days_of(*days))


def _days_of(words: str = "") -> tuple[int, ...]:
    named = words.lower().split(",")
    return tuple(_DAYS.index(word) + 1 for word in named) if set(named) <= set(_DAYS) else ()
