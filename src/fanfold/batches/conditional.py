"""Conditional requests (RFC 9110, section 13): an unchanged poll costs a 304."""

from __future__ import annotations


def etag_of(revision: str) -> str:
    """Return the weak tag of a revision: estimates move with the clock, what they estimate stays."""
    return f'W/"{revision}"'


def is_current(if_none_match: str | None, etag: str) -> bool:
    """Whether the client already holds what the tag stands for."""
    if if_none_match is None:
        return False
    opaque = etag.removeprefix("W/")
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return opaque in known or "*" in known
