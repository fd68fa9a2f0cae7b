"""Where each part of a syntax tree begins, and in which SELECT it stands; read once, in one walk.

Looking either up part by part would take the square of a long condition's length.
"""

from __future__ import annotations

from sqlglot import exp


class Tree:
    """A syntax tree with its places."""

    def __init__(self, root: exp.Query) -> None:
        # A star is one object for all queries, so that its note and its parent are another's.
        self.parts = [part for part in root.walk(bfs=False) if not isinstance(part, exp.Star)]
        self._starts: dict[int, int] = {}
        self._selects: dict[int, exp.Select] = {}
        for part in self.parts:
            self._note_select(part, root)
        for part in reversed(self.parts):
            self._note_start(part, root)

    def start(self, part: exp.Expr) -> int | None:
        """Return the offset where *part* begins, None when the parser did not note it."""
        return self._starts.get(id(part))

    def select(self, part: exp.Expr) -> exp.Select | None:
        """Return the SELECT around *part*."""
        return self._selects.get(id(part))

    def _note_select(self, part: exp.Expr, root: exp.Query) -> None:
        parent = part.parent
        if part is root or parent is None:
            return
        around = parent if isinstance(parent, exp.Select) else self._selects.get(id(parent))
        if around is not None:
            self._selects[id(part)] = around

    def _note_start(self, part: exp.Expr, root: exp.Query) -> None:
        noted: list[int] = [self._starts[id(part)]] if id(part) in self._starts else []
        if "start" in part.meta:
            noted.append(int(part.meta["start"]))
        if not noted:
            return
        first = self._starts[id(part)] = min(noted)
        if part is not root and part.parent is not None:
            around = id(part.parent)
            self._starts[around] = min(first, self._starts.get(around, first))
