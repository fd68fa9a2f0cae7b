"""The kind itself: finds the function, runs it where it belongs, keeps what it returns."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fanfold.kinds.python.apart import run_apart
from fanfold.kinds.python.functions import BrokenFunction, Function, Functions
from fanfold.kinds.python.returned import batches_in, batches_now, outcome_of
from fanfold.sdk.context import Context
from fanfold.sdk.errors import Permanent, Problem
from fanfold.sdk.kind import Finding, Kind
from fanfold.sdk.outcome import Completed, Outcome

_INSTALL = "Install the package that brings it, with an entry point in the group fanfold.functions."


class PythonDefinition(BaseModel):
    """Which function runs, and where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    function: str = Field(
        min_length=1, max_length=200, description="Name of an installed function (entry point)."
    )
    run_in: Literal["process", "thread"] = Field(
        default="process",
        description="Where a function that is not async runs: a process for computing, a thread for waiting.",
    )


class PythonParameters(BaseModel):
    """Whatever the function takes; a function with a model of its own has them checked."""

    model_config = ConfigDict(extra="allow")


class Python(Kind):
    """Runs an installed function for each target. *May run twice* for one target if a worker dies."""

    name: ClassVar[str] = "python"
    title: ClassVar[str] = "Python function"
    description: ClassVar[str] = "An installed function, chosen by name, once per target."
    parameters: ClassVar[type[BaseModel]] = PythonParameters
    definition: ClassVar[type[BaseModel]] = PythonDefinition
    """What a batch of this kind runs."""

    def __init__(self, functions: Functions | None = None) -> None:
        self.functions = functions or Functions()

    async def run(self, context: Context) -> Outcome:
        """Run the function, and write its rows if it returns some."""
        given = {"target": context.target, "parameters": context.parameters, "context": context}
        with _refusing():
            definition = PythonDefinition.model_validate(context.definition)
            function = self._function(definition.function)
            arguments = function.arguments(given)
        if function.is_async:
            returned = function.call(**arguments)
            returned = await returned if inspect.isawaitable(returned) else returned
        elif function.wants_context or definition.run_in == "thread":
            returned = await asyncio.to_thread(_called, function, arguments)
        else:
            returned = await self._apart(function, context)
        outcome = outcome_of(returned)
        return outcome if outcome is not None else await _written(returned, context)

    def inspect(self, definition: Mapping[str, Any]) -> Sequence[Finding]:
        """Check that the function is installed and can be called."""
        try:
            read = PythonDefinition.model_validate(definition)
            self._function(read.function)
        except ValidationError as error:
            return [
                Finding("python.definition", "error", f"{problem.pointer}: {problem.message}")
                for problem in _problems(error)
            ]
        except Permanent as error:
            return [Finding("python.function", "error", f"/function: {error.message}", fix=error.hint or "")]
        return ()

    def check(self, definition: Mapping[str, Any], parameters: Mapping[str, Any]) -> Sequence[Problem]:
        """Check one target's parameters against the function's own model, if it declares one."""
        try:
            function = self._function(PythonDefinition.model_validate(definition).function)
        except (ValidationError, Permanent):
            # What is wrong with the definition is told by `inspect`, once for all targets.
            return ()
        if function.model is None:
            return ()
        try:
            function.model.model_validate(dict(parameters))
        except ValidationError as error:
            return _problems(error)
        return ()

    def parameters_schema(self, function: str) -> Mapping[str, Any]:
        """Return the JSON schema of a function's parameters. Raises `Permanent`."""
        return (self._function(function).model or PythonParameters).model_json_schema()

    def _function(self, name: str) -> Function:
        try:
            function = self.functions.find(name)
        except BrokenFunction as error:
            raise Permanent(str(error), hint="Report this to the function's author.") from error
        if function is None:
            known = ", ".join(self.functions.names()) or "none"
            raise Permanent(f"There is no function {name!r}; installed are: {known}.", hint=_INSTALL)
        return function

    async def _apart(self, function: Function, context: Context) -> Any:
        ended = await context.compute(
            run_apart,
            function.name,
            context.target,
            parameters=dict(context.parameters),
            functions=self.functions,
        )
        return ended.unwrap()


def _called(function: Function, arguments: Mapping[str, Any]) -> Any:
    value: Any = function.call(**arguments)
    # A generator does its work when it is read, so it is read here and not in the loop.
    return batches_now(value) if inspect.isgenerator(value) else value


@contextmanager
def _refusing() -> Generator[None]:
    try:
        yield
    except ValidationError as error:
        wrong = "; ".join(f"{problem.pointer}: {problem.message}" for problem in _problems(error))
        raise Permanent(f"The function cannot be called: {wrong}", hint="Correct it and retry.") from None


async def _written(rows: Iterable[Any] | AsyncIterable[Any], context: Context) -> Completed:
    count = 0
    async for batch in batches_in(rows):
        await context.sink.write(batch)
        count += batch.num_rows
    return Completed({"rows": count})


def _problems(error: ValidationError) -> list[Problem]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        Problem(
            "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in entry["loc"]),
            entry["msg"],
        )
        for entry in found
    ]
