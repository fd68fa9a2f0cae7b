"""A `.sql` file is one statement, and its first line says what for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.check.tree import Finding, Tree

_QUOTED = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_PURPOSE = re.compile(r"-- \S")


def check(tree: Tree) -> Iterator[Finding]:
    """Yield the files without a purpose and those of several statements; migrations are scripts and pass."""
    for path in tree.matching("src/*.sql", "packages/*.sql"):
        if "migrations" in path.parts:
            continue
        text = tree.text(path)
        if not _PURPOSE.match(text):
            yield Finding(path, 1, "the first line says the statement's purpose: `-- ...`")
        statements = [piece for piece in _QUOTED.sub(" ", text).split(";") if piece.strip()]
        if len(statements) != 1:
            yield Finding(path, 1, f"holds {len(statements)} statements; one file is one statement")
