"""A waiver of a rule is counted or explained: `type: ignore` stands in an allow-list, `noqa` says why."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from tools.check.tree import Finding, Tree

TYPES_IGNORED: Mapping[str, int] = {}
"""How many type errors each file may silence. Lower a number when you can; raise one only with a reviewer."""

_IGNORES_TYPES = re.compile(r"#\s*(type|(based)?pyright|mypy)\s*:")
_NOQA = re.compile(r"#\s*noqa\b", re.IGNORECASE)
_WAIVES = re.compile(f"{_IGNORES_TYPES.pattern}|(?i:{_NOQA.pattern})")
_NOQA_WITH_REASON = re.compile(r"#\s*noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s+--\s+\S+")


def check(tree: Tree, allowed: Mapping[str, int] = TYPES_IGNORED) -> Iterator[Finding]:
    """Yield every waiver that is neither allowed nor explained, and every allowance that is not used."""
    counts: Counter[str] = Counter()
    for path in tree.matching("*.py"):
        if not _WAIVES.search(tree.text(path)):
            continue
        for line, comment in _comments(tree.text(path)):
            if _IGNORES_TYPES.search(comment):
                counts[str(path)] += 1
                if counts[str(path)] > allowed.get(str(path), 0):
                    yield Finding(path, line, "silences the type checker; say it in types instead")
            if _NOQA.search(comment) and not _NOQA_WITH_REASON.search(comment):
                yield Finding(path, line, "noqa without its reason: `# noqa: CODE -- why`")
    for name, number in allowed.items():
        if counts[name] < number:
            message = f"{number} silenced types are allowed and {counts[name]} used: lower the number"
            yield Finding(PurePosixPath(name), 1, message)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
