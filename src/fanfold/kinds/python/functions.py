"""The functions that are installed: entry points of the group `fanfold.functions`, and nothing else.

A user names one of them; no text of a user ever becomes an import.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, get_type_hints

from pydantic import BaseModel

from fanfold.sdk.context import Context, Target

GROUP = "fanfold.functions"

Loader = Callable[[], Any]


class BrokenFunction(Exception):
    """It is installed and cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Function:
    """An installed function and what it asks for."""

    name: str
    call: Callable[..., Any]
    roles: Mapping[str, str]
    """What each of its parameters is given: `target`, `parameters` or `context`."""
    model: type[BaseModel] | None
    """The form of its parameters, if it declares one."""

    @property
    def is_async(self) -> bool:
        """Whether it runs in the event loop."""
        return inspect.iscoroutinefunction(self.call) or inspect.isasyncgenfunction(self.call)

    @property
    def wants_context(self) -> bool:
        """Whether it asks for the attempt's context, which stays in the worker's process."""
        return "context" in self.roles.values()

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what to call it with; *given* is by role, the parameters as they came."""
        values = dict(given)
        if self.model is not None:
            values["parameters"] = self.model.model_validate(dict(given["parameters"]))
        return {name: values[role] for name, role in self.roles.items()}


class Functions:
    """Finds functions by name; each is imported when it is first asked for."""

    def __init__(self, loaders: Mapping[str, Loader] | None = None) -> None:
        self._loaders = loaders

    def names(self) -> list[str]:
        """Return what is installed."""
        return sorted(self._known())

    def find(self, name: str) -> Function | None:
        """Return the function; None if it is not installed. Raises `BrokenFunction`."""
        loader = self._known().get(name)
        if loader is None:
            return None
        try:
            call = loader()
        except Exception as error:
            raise BrokenFunction(f"The function {name!r} cannot be imported: {error}") from error
        return _described(name, call)

    def _known(self) -> Mapping[str, Loader]:
        return _installed() if self._loaders is None else self._loaders


@cache
def _installed() -> Mapping[str, Loader]:
    # Reading what is installed costs milliseconds, and it does not change while a process lives.
    return {entry.name: entry.load for entry in entry_points(group=GROUP)}


def _described(name: str, call: Any) -> Function:
    if not callable(call) or isinstance(call, type):
        raise BrokenFunction(f"The entry point {name!r} is no function.")
    try:
        hints = get_type_hints(call)
        signature = inspect.signature(call)
    except (NameError, TypeError, ValueError) as error:
        raise BrokenFunction(f"The signature of {name!r} cannot be read: {error}") from error
    roles: dict[str, str] = {}
    model: type[BaseModel] | None = None
    for parameter in signature.parameters.values():
        role = _role(parameter, hints.get(parameter.name))
        if role is None:
            raise BrokenFunction(
                f"{name!r} asks for {parameter.name!r}; it may ask for target, parameters and context."
            )
        if role:
            roles[parameter.name] = role
        if role == "parameters" and _is_model(hints.get(parameter.name)):
            model = hints[parameter.name]
    return Function(name, call, roles, model)


def _role(parameter: inspect.Parameter, hint: Any) -> str | None:
    """Return what the parameter is given; empty for its own default; None when nobody knows."""
    if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY}:
        return None
    if hint is Target:
        return "target"
    if hint is Context:
        return "context"
    if _is_model(hint) or parameter.name == "parameters":
        return "parameters"
    if parameter.name in {"target", "context"}:
        return parameter.name
    return "" if parameter.default is not parameter.empty else None


def _is_model(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, BaseModel)
