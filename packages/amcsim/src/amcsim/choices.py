"""What an options class offers: every field with its type, its default and its docstring, read from the
class itself.

The command line, the environment, the check of values and the tables of the README all come from here.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of an options class."""

    name: str
    kind: Any
    default: Any
    text: str
    """Its docstring on one line; empty when it has none."""

    @property
    def allowed(self) -> tuple[Any, ...]:
        """Return the values of a Literal, nothing for other types."""
        return tuple(value for value in get_args(self.kind) if get_origin(self.kind) is Literal)


@cache
def choices(owner: Any) -> tuple[Choice, ...]:
    """Return the fields of the dataclass *owner* in their order."""
    hints: dict[str, Any] = get_type_hints(owner)
    texts = _docstrings(owner)
    return tuple(
        Choice(field.name, hints[field.name], _default(field), texts.get(field.name, ""))
        for field in fields(owner)
    )


def refuse_other_values(options: object) -> None:
    """Raise ValueError for a field whose value is none of its Literal's."""
    for choice in choices(type(options)):
        value: Any = getattr(options, choice.name)
        if choice.allowed and value not in choice.allowed:
            raise ValueError(f"{choice.name} must be one of {', '.join(map(str, choice.allowed))}")


def _default(field: Any) -> Any:
    return field.default if field.default is not MISSING else field.default_factory()


def _docstrings(owner: type[Any]) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    found: dict[str, str] = {}
    for statement, following in itertools.pairwise(body):
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            found[statement.target.id] = " ".join(str(following.value.value).split())
    return found
