"""A file is a noun: a name that says nothing collects everything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.check.tree import Finding, Tree

_EMPTY_WORD = r"(utils?|helpers?|managers?|misc|common|stuff)"
_NUMBERED = r".*_(part)?\d+"
_SAYS_NOTHING = re.compile(rf"(.*_)?{_EMPTY_WORD}\d*|{_NUMBERED}")
_OURS = ("src/*.py", "src/*.sql", "packages/*.py", "tools/*.py", "ui/src/*.ts", "ui/src/*.tsx")


def check(tree: Tree) -> Iterator[Finding]:
    """Yield the modules and folders of our code whose name says nothing."""
    for path in tree.matching(*_OURS):
        if "migrations" in path.parts:
            continue
        for name in (*path.parent.parts, path.stem):
            if _SAYS_NOTHING.fullmatch(name):
                yield Finding(path, 1, f"the name `{name}` says nothing; split by noun")
