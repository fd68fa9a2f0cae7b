"""A file or a function that outgrew its noun is split, not lengthened.

The limits are printed in CONTRIBUTING.md, and a test compares the two.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tools.check.tree import Finding, Tree

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Limit:
    """How big a thing may get: from `look_again` on it is named, from `fail` on it is refused."""

    thing: str
    look_again: int
    fail: int | None

    def exceeded(
        self, path: PurePosixPath, *, size: int, line: int = 1, of: str = "this file"
    ) -> Iterator[Finding]:
        """Yield what is to be said about a thing of *size*, if anything."""
        if size >= self.look_again:
            fatal = self.fail is not None and size >= self.fail
            bound = self.fail if fatal else self.look_again
            yield Finding(path, line, f"{of} has {size} {self.thing} (limit {bound})", fatal=fatal)


PYTHON = Limit("lines", 400, 600)
FUNCTION = Limit("lines, its docstring aside,", 30, 60)
PARAMETERS = Limit("parameters", 7, 9)
ENDPOINT = Limit("lines for an endpoint", 12, None)
SQL = Limit("lines", 60, 100)
TYPESCRIPT = Limit("lines", 200, 250)

_POSITIONAL = 2
_VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "api_route", "websocket"}


def check(tree: Tree) -> Iterator[Finding]:
    """Yield what is too big."""
    for path in tree.matching("*.py"):
        yield from _file(tree, path, limit=PYTHON)
        for node in tree.nodes(path):
            if isinstance(node, Function):
                yield from _function(path, node)
    for path in tree.matching("src/*.sql", "packages/*.sql"):
        # a migration is a script of many statements
        if "migrations" not in path.parts:
            yield from _file(tree, path, limit=SQL)
    for path in tree.matching("ui/*.ts", "ui/*.tsx"):
        if not _generated(tree.text(path)):
            yield from _file(tree, path, limit=TYPESCRIPT)


def _file(tree: Tree, path: PurePosixPath, *, limit: Limit) -> Iterator[Finding]:
    yield from limit.exceeded(path, size=tree.text(path).count("\n"))


def _function(path: PurePosixPath, function: Function) -> Iterator[Finding]:
    name, line, length = function.name, function.lineno, _length(function)
    yield from FUNCTION.exceeded(path, size=length, line=line, of=name)
    if _is_endpoint(function):
        yield from ENDPOINT.exceeded(path, size=length, line=line, of=name)
    if not (_asks_for_fixtures(path) or _is_override(function)):
        yield from _parameters(path, function)


def _parameters(path: PurePosixPath, function: Function) -> Iterator[Finding]:
    name, line = function.name, function.lineno
    positional, named = _parameter_counts(function)
    yield from PARAMETERS.exceeded(path, size=positional + named, line=line, of=name)
    if positional > _POSITIONAL and not (_is_dunder(name) or _is_called_by_name(function)):
        message = f"{name} takes {positional} parameters by position; from the third on they are keyword-only"
        # a private function may be a callback, whose form its caller sets
        yield Finding(path, line, message, fatal=not name.startswith("_") or name == "__init__")


def _length(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return 0 if not body else (body[-1].end_lineno or 0) - body[0].lineno + 1


def _parameter_counts(function: Function) -> tuple[int, int]:
    """Return how many parameters go by position and how many by name only, `self` and `cls` aside."""
    arguments = function.args
    positional = [argument.arg for argument in arguments.posonlyargs + arguments.args]
    if positional and positional[0] in {"self", "cls"}:
        positional = positional[1:]
    return len(positional), len(arguments.kwonlyargs)


def _is_endpoint(function: Function) -> bool:
    return any(
        owner.endswith("router") and verb in _VERBS
        for owner, verb in _decorators_called_on_an_object(function)
    )


def _is_called_by_name(function: Function) -> bool:
    # FastAPI and Typer pass every argument by its name
    return _is_endpoint(function) or any(
        verb in {"command", "callback"} for _, verb in _decorators_called_on_an_object(function)
    )


def _decorators_called_on_an_object(function: Function) -> Iterator[tuple[str, str]]:
    """Yield `("router", "get")` for `@router.get("/jobs")`."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
            yield ast.unparse(decorator.func.value), decorator.func.attr


def _asks_for_fixtures(path: PurePosixPath) -> bool:
    return "tests" in path.parts


def _is_override(function: Function) -> bool:
    # its base sets its form
    return any(ast.unparse(decorator).endswith("override") for decorator in function.decorator_list)


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name != "__init__"


def _generated(text: str) -> bool:
    return "auto-generated" in text[:200] or "@generated" in text[:200]
