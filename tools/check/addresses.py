"""No package registry's host and no path of one machine: a clone anywhere, behind any mirror, must do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.check.tree import Finding, Tree

# in pieces, so that this file passes its own rule
_HOSTS = (
    ("py", "pi", r"\.org"),
    ("python", "hosted", r"\.org"),
    ("registry", r"\.npm", r"js\.org"),
    ("registry", r"\.yarn", r"pkg\.com"),
    ("deb", r"\.debian", r"\.org"),
    ("crates", r"\.", "io"),
)
_FOLDERS = (
    ("/wo", "rk/(main|shared)"),
    ("/fa", "rm/"),
    ("/ro", "ot/"),
    ("/ho", "me/[a-z]"),
    ("/Us", "ers/[A-Za-z]"),
    ("/opt/", "(wheels|pypi)"),
)
_PATTERNS = {
    "a package registry's host": re.compile("|".join("".join(pieces) for pieces in _HOSTS)),
    "a path of one machine": re.compile(rf"(?<![\w.}}])({'|'.join(''.join(pieces) for pieces in _FOLDERS)})"),
}


def check(tree: Tree) -> Iterator[Finding]:
    """Yield every line of any text file that names one."""
    for path in tree.paths:
        text = tree.text(path)
        for what, pattern in _PATTERNS.items():
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield Finding(path, line, f"names {what}: {match.group()}")
