"""Tests never sleep: the clock is ours, the loops signal, and a wait names what it waits for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tools.check.tree import Finding, Tree

_SLEEPS = {"time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep"}
# what Playwright calls its sleep
_PAUSE = "wait_for_timeout"
# whatever it is imported as, a sleep is named once
_NAMED = re.compile(rf"sleep|{_PAUSE}")


def check(tree: Tree) -> Iterator[Finding]:
    """Yield every sleep in a test; `sleep(0)` only yields to the loop and is none."""
    for path in tree.matching("tests/*.py", "*/tests/*.py"):
        if not _NAMED.search(tree.text(path)):
            continue
        nodes = tree.nodes(path)
        imported = _imported_names(nodes)
        for node in nodes:
            if isinstance(node, ast.Call) and _sleeps(node, imported):
                yield Finding(path, node.lineno, "a test sleeps: wait for the event, or move the clock")


def _imported_names(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Return what each local name stands for: `{"sleep": "asyncio.sleep", "aio": "asyncio"}`."""
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
    return names


def _sleeps(call: ast.Call, imported: dict[str, str]) -> bool:
    head, _, rest = ast.unparse(call.func).partition(".")
    name = ".".join(filter(None, [imported.get(head, head), rest]))
    if name.endswith(f".{_PAUSE}"):
        return True
    return name in _SLEEPS and [ast.unparse(argument) for argument in call.args] != ["0"]
