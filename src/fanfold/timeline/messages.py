"""Server-sent events on the wire (WHATWG HTML, section 9.2), encoded once however many viewers there are."""

from __future__ import annotations

from dataclasses import dataclass

HEARTBEAT = b": still here\n\n"
RECONNECT = b"retry: 2000\n\n"
"""Tells the browser to come back two seconds after it lost the stream."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event of a stream."""

    name: str
    payload: bytes
    """JSON, in one line."""
    event_id: int
    """What is told up to here; a viewer that comes back names it."""
    end: Message | None = None
    """What ends the stream, right after this one."""

    def encode(self) -> bytes:
        """Return the bytes to send."""
        return b"event: %b\nid: %d\ndata: %b\n\n" % (self.name.encode(), self.event_id, self.payload)
