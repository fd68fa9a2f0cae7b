"""Options that several commands share: a dataclass whose fields are options stands for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Return *command* as typer is to see it: each group's fields in place of the group.

    @dataclass
    class Pace:
        rate: Annotated[str | None, typer.Option(help="As `60/m`.")] = None

    def run(context: typer.Context, *, pace: Pace) -> None: ...
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {}
    shown: list[Parameter] = []
    for parameter in signature(command).parameters.values():
        hint = hints[parameter.name]
        if is_dataclass(hint):
            groups[parameter.name] = hint
            shown += _options(hint)
        else:
            shown.append(parameter.replace(annotation=hint))

    def call(**given: Any) -> None:
        made = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**given, **made)

    call.__name__, call.__doc__ = command.__name__, command.__doc__
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    # What `inspect.signature` answers with, and so what typer makes options of.
    vars(call)["__signature__"] = Signature(shown)
    return call


def _options(group: Any) -> list[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name])
        for field in fields(group)
    ]
