"""The files that a rule looks at, and what it says about them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path, PurePosixPath

# a checkout that another user owns, as in a container, is listed all the same
_LIST_FILES = (
    "git",
    "-c",
    "safe.directory=*",
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that breaks a rule; `fatal` fails the check, anything else is a nudge."""

    path: PurePosixPath
    line: int
    message: str
    fatal: bool = True

    @property
    def rank(self) -> tuple[bool, str, int]:
        """What sorts findings: the fatal ones last, where a terminal shows them."""
        return self.fatal, str(self.path), self.line

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {'' if self.fatal else 'look again: '}{self.message}"


class Tree:
    """Every file of the project that git tracks or would track, by its path from the root."""

    def __init__(self, root: Path, paths: tuple[PurePosixPath, ...]) -> None:
        self._root = root
        self.paths = paths
        self.text = cache(self._text)
        """The file's text; empty for a binary file."""
        self.nodes = cache(self._nodes)
        """Every node of the Python file's syntax tree, from the top down; walked once for all rules."""

    @classmethod
    def of_checkout(cls, root: Path) -> Tree:
        """Return the tree of the checkout at *root*, new files included, ignored and deleted ones not."""
        listing = subprocess.run(
            _LIST_FILES,
            cwd=root,
            check=True,
            capture_output=True,
        )
        names = sorted(set(listing.stdout.decode().split("\0")) - {""})
        return cls(root, tuple(PurePosixPath(name) for name in names if (root / name).is_file()))

    @classmethod
    def of_folder(cls, root: Path) -> Tree:
        """Return every file below *root*."""
        files = sorted(path for path in root.rglob("*") if path.is_file())
        return cls(root, tuple(PurePosixPath(path.relative_to(root).as_posix()) for path in files))

    def matching(self, *patterns: str) -> Iterator[PurePosixPath]:
        """Yield the paths that match one of the *patterns*, whose `*` spans folders."""
        for path in self.paths:
            if any(fnmatchcase(str(path), pattern) for pattern in patterns):
                yield path

    def _text(self, path: PurePosixPath) -> str:
        content = (self._root / path).read_bytes()
        return "" if b"\0" in content else content.decode("utf-8", errors="replace")

    def _nodes(self, path: PurePosixPath) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(ast.parse(self.text(path), str(path))))
