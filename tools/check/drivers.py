"""Who may import what from outside: each driver has its place, so that it can be replaced there.

The order of our own packages is checked by import-linter; see `[tool.importlinter]`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from tools.check.tree import Finding, Tree

_HTTP = (
    "*.endpoints",
    "*.endpoints.*",
    "*_endpoints",
    "fanfold.web",
    "fanfold.web.*",
    "fanfold.access",
    "fanfold.access.*",
)
_ROWS = ("fanfold.results", "fanfold.results.*", "fanfold.kinds.*", "fanfold.connectors.*")

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "asyncpg": ("fanfold.db", "fanfold.db.*", "*.store", "*.store.*", "fanfold.connectors.postgres.*"),
    "duckdb": _ROWS,
    "pyarrow": (*_ROWS, "fanfold.sdk.context", "fanfold.sdk.testing.*", "fanfold.client.results"),
    "fastapi": _HTTP,
    "starlette": _HTTP,
    "amcsim": ("fanfold.cli.demo", "fanfold.cli.demo.*"),
}
"""Which modules of the product may import a package; whoever is not named may not."""

_PLAIN = sys.stdlib_module_names | {"fanfold"}


def check(tree: Tree) -> Iterator[Finding]:
    """Yield every import of a driver outside its place."""
    for path in tree.matching("src/fanfold/*.py"):
        module = _module(path)
        for line, package in _imported(tree.nodes(path)):
            if module.startswith("fanfold.kit") and package not in _PLAIN:
                yield Finding(path, line, f"{module} imports {package}; kit is the standard library only")
            places = ALLOWED.get(package)
            if places is not None and not any(fnmatchcase(module, place) for place in places):
                yield Finding(path, line, f"{module} imports {package}, which belongs to {_named(places)}")
    for path in tree.matching("packages/*/src/*.py"):
        for line, package in _imported(tree.nodes(path)):
            if package == "fanfold":
                yield Finding(path, line, "imports fanfold; the two meet over HTTP only")


def _module(path: PurePosixPath) -> str:
    parts = path.relative_to("src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.partition(".")[0]


def _named(places: tuple[str, ...]) -> str:
    return ", ".join(place for place in places if not place.endswith(".*"))
