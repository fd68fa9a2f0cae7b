"""Hears all that is logged for a while, to find secrets in it."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_PLAIN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None)))


class Hearing(logging.Handler):
    """Keeps every record."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self._records.append(record)

    def texts(self) -> Iterator[str]:
        """Yield what each record would show: its message, its exception, what it carries."""
        formatter = logging.Formatter()
        for record in self._records:
            yield formatter.format(record)
            yield repr(_extra(record))


@contextmanager
def listening() -> Generator[Hearing]:
    """Hear everything from INFO on for the length of the block."""
    root = logging.getLogger()
    hearing, level = Hearing(), root.level
    root.addHandler(hearing)
    root.setLevel(min(level, logging.INFO) if level else logging.INFO)
    try:
        yield hearing
    finally:
        root.removeHandler(hearing)
        root.setLevel(level)


def leaks(texts: Iterable[str], secrets: Sequence[str]) -> list[str]:
    """Return the secrets that stand in any of *texts*."""
    found = "\n".join(texts) if secrets else ""
    return [secret for secret in secrets if secret in found]


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _PLAIN}
