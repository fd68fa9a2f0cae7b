"""Conditions that leave a target out before anything runs.

A missing value equals nothing, so `ne` and `not_in` hold for it and only `missing` asks for it.
Numbers compare with numbers and text with text; anything else never is less or greater.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, cast

from pydantic import StringConstraints, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from fanfold.sdk.context import Target
from fanfold.sdk.errors import Problem


class Operator(StrEnum):
    """How a condition compares."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not_in"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    MATCHES = "matches"
    """A regular expression anywhere in the text; anchor it with ^ and $."""
    MISSING = "missing"
    """There is no value, or null."""


_ORDERS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.LT: lambda found, value: found < value,
    Operator.LE: lambda found, value: found <= value,
    Operator.GT: lambda found, value: found > value,
    Operator.GE: lambda found, value: found >= value,
}
LONGEST_PATTERN = 1_000


@dataclass(frozen=True, slots=True)
class Condition:
    """One reason to leave targets out."""

    path: str
    of_target: bool
    """Whether it looks at the target's attributes and not at the merged parameters."""
    operator: Operator
    value: Any
    reason: str
    pattern: TypeAdapter[str] | None = None

    def holds(self, target: Target, merged: Mapping[str, Any]) -> bool:
        """Whether the target is to be left out."""
        found = _reached(target.attributes if self.of_target else merged, self.path)
        match self.operator:
            case Operator.MISSING:
                return found is None
            case Operator.EQ | Operator.NE:
                return _same(found, self.value) is (self.operator is Operator.EQ)
            case Operator.IN | Operator.NOT_IN:
                is_in = any(_same(found, value) for value in self.value)
                return is_in is (self.operator is Operator.IN)
            case Operator.MATCHES:
                return self._matches(found)
            case _:
                return _comparable(found, self.value) and _ORDERS[self.operator](found, self.value)

    def _matches(self, found: Any) -> bool:
        if self.pattern is None or not isinstance(found, str):
            return False
        try:
            self.pattern.validate_python(found)
        except ValidationError:
            return False
        return True


def skip_reason(conditions: Sequence[Condition], target: Target, *, merged: Mapping[str, Any]) -> str | None:
    """Return the reason of the first condition that leaves the target out, None if it stays."""
    return next((each.reason for each in conditions if each.holds(target, merged)), None)


def make_condition(
    path: str, *, of_target: bool, operator: Operator, value: Any, reason: str | None, pointer: str
) -> Condition | Problem:
    """Return the condition, or what is wrong with its value."""
    problem = _value_problem(operator, value)
    pattern = None
    if problem is None and operator is Operator.MATCHES:
        pattern, problem = _compiled(value)
    if problem is not None:
        return Problem(f"{pointer}/value", problem)
    said = reason or _said(path, of_target=of_target, operator=operator, value=value)
    return Condition(path, of_target, operator, value, said, pattern)


def _value_problem(operator: Operator, value: Any) -> str | None:
    if operator in {Operator.IN, Operator.NOT_IN} and not (isinstance(value, list) and value):
        return f"{operator} needs a list of values, not empty."
    if operator in _ORDERS and not _is_number(value) and not isinstance(value, str):
        return f"{operator} needs a number or a text."
    if operator is Operator.MISSING and value is not None:
        return "missing takes no value."
    if operator is Operator.MATCHES and not (isinstance(value, str) and 0 < len(value) <= LONGEST_PATTERN):
        return f"matches needs a regular expression of at most {LONGEST_PATTERN} characters."
    return None


def _compiled(pattern: str) -> tuple[TypeAdapter[str] | None, str | None]:
    # Pydantic's engine takes linear time whatever the pattern is; that of `re` can be made to take years.
    try:
        return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)]), None
    except SchemaError:
        return None, "This is no regular expression; look-arounds and back-references are not known here."


def _said(path: str, *, of_target: bool, operator: Operator, value: Any) -> str:
    subject = f"{'attribute' if of_target else 'parameter'} {path}"
    return (
        f"{subject} is missing" if operator is Operator.MISSING else f"{subject} {operator} {value!r}"[:200]
    )


def _reached(values: Mapping[str, Any], path: str) -> Any:
    if path in values:
        return values[path]
    found: Any = values
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = cast("Mapping[str, Any]", found)[step]
    return found


def _same(found: Any, value: Any) -> bool:
    # In Python True equals 1; in JSON it does not.
    return isinstance(found, bool) is isinstance(value, bool) and found == value


def _comparable(found: Any, value: Any) -> bool:
    return (_is_number(found) and _is_number(value)) or (isinstance(found, str) and isinstance(value, str))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
