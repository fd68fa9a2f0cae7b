"""Server-sent events on the wire (WHATWG HTML, section 9.2), encoded once however many viewers there are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

HEARTBEAT = b": still here\n\n"
RECONNECT = b"retry: 2000\n\n"
"""Tells the browser to come back two seconds after it lost the stream."""


# Without slots, for the cached bytes.
@dataclass(frozen=True)
class Message:
    """One event of a stream."""

    name: str
    payload: bytes
    """JSON, in one line."""
    event_id: int
    """What is told up to here; a viewer that comes back names it."""
    end: Message | None = None
    """What ends the stream, right after this one."""

    @cached_property
    def wire(self) -> bytes:
        """The bytes to send, the same ones to every viewer."""
        return b"event: %b\nid: %d\ndata: %b\n\n" % (self.name.encode(), self.event_id, self.payload)
