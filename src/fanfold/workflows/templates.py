"""Templates in parameter values: `{{ today - 14d }}`, `{{ last_full_month.end }}`, `{{ instance.region }}`.

They are looked up once, at submit, and never run; what they stood for is frozen into the batch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fanfold.sdk.context import Target
from fanfold.workflows.dates import DateInvalid, Found, Span, evaluate

_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_INSTANCE = re.compile(r"instance\.([a-z_]+)")
_FORMAT = re.compile(r"(?:[^%]|%[YymdHMSjGVbB%])+")
_ESCAPED, _HIDDEN = r"\{{", "\ue000"
_MOMENT = "%Y-%m-%dT%H:%M:%S"
START, END, ZONE = "startDate", "endDate", "timeZone"
ATTRIBUTES = {
    "name": "",
    "id": "instance_id",
    "region": "region",
    "account": "account_name",
    "account_id": "account_id",
    "marketplace_id": "marketplace_id",
    "brands": "brands",
    "tags": "tags",
}
"""What a template may say of an instance, and where its target has it."""


class TemplateInvalid(ValueError):
    """A template stands for nothing; the message says why."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What templates are looked up in."""

    now: datetime
    zone: str | None = None
    target: Target | None = None

    @property
    def local(self) -> datetime:
        """The moment in the zone; in UTC if the zone is not known, which the kind's check names."""
        try:
            return self.now.astimezone(ZoneInfo(self.zone or "UTC"))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return self.now


def has_template(value: Any) -> bool:
    """Whether *value* has to be looked up at all."""
    return any("{{" in text for text in _texts(value))


def asks_instance(value: Any) -> bool:
    """Whether *value* is another one for each instance."""
    return any(_INSTANCE.match(found.strip()) for text in _texts(value) for found in _TEMPLATE.findall(text))


def resolve(value: Any, *, name: str, scope: Scope) -> Any:
    """Return *value* of the parameter *name* with all templates looked up. Raises `TemplateInvalid`."""
    if isinstance(value, str):
        return _text(value, name=name, scope=scope) if "{{" in value else value
    if isinstance(value, list):
        return [resolve(each, name=name, scope=scope) for each in cast("list[Any]", value)]
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).items()
        return {key: resolve(each, name=name, scope=scope) for key, each in entries}
    return value


def _text(text: str, *, name: str, scope: Scope) -> Any:
    plain = text.replace(_ESCAPED, _HIDDEN)
    whole = _TEMPLATE.fullmatch(plain.strip())
    if whole is not None and "{{" not in whole[1]:
        return _looked_up(whole[1], name=name, scope=scope)
    pieces = _TEMPLATE.sub(lambda found: _as_text(_looked_up(found[1], name=name, scope=scope)), plain)
    if "{{" in pieces:
        raise TemplateInvalid("a template is not closed: '}}' is missing")
    return pieces.replace(_HIDDEN, "{{")


def _looked_up(expression: str, *, name: str, scope: Scope) -> Any:
    said, bar, wanted = (part.strip() for part in expression.partition("|"))
    instance = _INSTANCE.fullmatch(said)
    if instance is not None:
        return _of_instance(instance[1], scope)
    try:
        found = evaluate(said, now=scope.local)
    except DateInvalid as error:
        raise TemplateInvalid(f"{{{{ {said} }}}}: {error}") from error
    if bar:
        return _formatted(found, wanted)
    if isinstance(found, Span):
        return {START: found.start.isoformat(), END: found.end.isoformat()}.get(name, found.name)
    return found.strftime(_MOMENT) if isinstance(found, datetime) else found.isoformat()


def _formatted(found: Found, wanted: str) -> str:
    moment: date = found.start if isinstance(found, Span) else found
    if not _FORMAT.fullmatch(wanted):
        raise TemplateInvalid(f"{wanted!r} is no format; write for example %Y%m%d")
    return moment.strftime(wanted)


def _of_instance(noun: str, scope: Scope) -> Any:
    if noun not in ATTRIBUTES:
        known = ", ".join(f"instance.{each}" for each in ATTRIBUTES)
        raise TemplateInvalid(f"instance.{noun} is not known; known are {known}")
    if scope.target is None:
        raise TemplateInvalid(f"instance.{noun} has no meaning here")
    if noun == "name":
        return scope.target.name
    return scope.target.attributes.get(ATTRIBUTES[noun], "")


def _as_text(value: Any) -> str:
    return ", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for each in cast("list[Any]", value) for text in _texts(each)]
    if isinstance(value, Mapping):
        return [text for each in cast("Mapping[str, Any]", value).values() for text in _texts(each)]
    return []
