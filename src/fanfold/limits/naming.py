"""What a key is called in sentences."""

from __future__ import annotations

GLOBAL = "global"
KIND = "kind:"
USER = "user:"
BATCH = "batch:"
TARGET = "target:"
CONNECTION = "connection:"
LOCK = "lock:"
EVERY_USER = "user:*"
"""The cap of every user who has none of their own."""


def wide_keys(*, batch: object, user: object, kind: str) -> list[str]:
    """Return the keys that every operation of a batch holds without naming them."""
    return [f"{BATCH}{batch}", f"{USER}{user}", f"{KIND}{kind}", GLOBAL]


def title(key: str, *, target: str | None = None) -> str:
    """Return what a key is called; *target* is the name of the target that it belongs to, where known."""
    if key == GLOBAL:
        return "the whole installation"
    if key == EVERY_USER:
        return "every user"
    space, _, name = key.partition(":")
    match f"{space}:":
        case "target:" | "lock:":
            return target or f"target {name}"
        case "kind:" | "user:" | "batch:":
            return f"{space} {name}"
        case _:
            return f"{space.rpartition('.')[2]} {name}" if name else f"limit {space}"
