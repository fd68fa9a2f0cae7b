"""Makes equal causes look equal: what varies between two failures of one cause is left out of the hash.

Names, ids, places, times and amounts vary; words, and the codes by which systems name their errors, do not.
"""

from __future__ import annotations

import hashlib
import re

_LONGEST = 4_000
"""Of a text this much is read: its beginning tells the cause."""

_UNIT = (
    r"(?:%|(?:ns|µs|us|ms|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?"
    r"|b|bytes?|[kmgt]i?b|percent)\b)"
)
_TIME = (
    r"\b\d{4}-\d{2}-\d{2}(?:[t\s]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:z\b|utc\b|[+-]\d{2}:?\d{2})?)?"
    r"|\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b"
)
# Each rule meets the text that the ones before it have left.
_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE | re.VERBOSE), becomes)
    for pattern, becomes in (
        (r"\b[a-z][a-z0-9+.-]{0,20}://[^\s'\"`<>\]})]+", "<url>"),
        (r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", "<email>"),
        (r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "<id>"),
        (_TIME, "<time>"),
        # A name in quotes is short; a longer text is somebody's words, which the other rules see to.
        (r"(?<!\w)(?:'[^'\s]{1,80}(?:\s[^'\s]{1,80}){0,3}'|\u2018[^\u2019]{1,80}\u2019)(?!\w)", "<name>"),
        (r'"[^"\s]{1,80}(?:\s[^"\s]{1,80}){0,3}"|`[^`]{1,80}`|“[^”]{1,80}”|«[^»]{1,80}»', "<name>"),
        (r"(?<![\w.])(?:[a-z]:\\|\\\\)[^\s'\"<>|]+", "<path>"),
        (r"(?<![\w<.])(?:~|\.{1,2})?(?:/[\w.@+%=:-]+){2,}/?|(?<![\w<.])/[\w-]+\.\w{1,8}\b", "<path>"),
        (r"\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b", "<id>"),
        (r"\b(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{12,}\b", "<id>"),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "<address>"),
    )
)
# ORA-00942, SQLSTATE 42P01, HTTP 503, error code: 18456: these digits are the cause itself.
_CODE = re.compile(
    r"\b[A-Z]{2,5}-\d{3,6}\b"
    r"|(?i:\bSQLSTATE)[\s:=\[(]{1,3}[0-9A-Z]{5}\b"
    r"|(?i:\b(?:answer(?:s|ed)?|return(?:s|ed)|respond(?:s|ed)(?:\swith)?))\s[1-5]\d\d\b(?!\s[a-z]+s\b)"
    r"|(?i:\b(?:http(?:/\d(?:\.\d)?)?|status|code|error|errno|msg|exit))[\s:=\[(#]{1,3}\d{1,5}\b(?!\s?(?:of\b|/))"
)
_AMOUNT = re.compile(
    rf"(?<![\w<])[-+]?\d+(?:[.,]\d+)*(?:\s?{_UNIT}(?:\s?\d+\s?{_UNIT})*)?(?:\s(?=[a-z]))?", re.IGNORECASE
)
_PLURAL = re.compile(r"(#\s?[a-z]{3,}?)s\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")


def normal_form(message: str) -> str:
    """Return the text with a mark in place of all that varies between failures of one cause."""
    text = message[:_LONGEST]
    for pattern, becomes in _RULES:
        text = pattern.sub(becomes, text)
    pieces: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        pieces += (_without_amounts(text[end : code.start()]), code[0])
        end = code.end()
    pieces.append(_without_amounts(text[end:]))
    return _SPACE.sub(" ", "".join(pieces)).strip()


def fingerprint(class_name: str, message: str) -> str:
    """Return twelve hexadecimal digits that are the same for the same cause."""
    return hashlib.sha256(f"{class_name}:{normal_form(message)}".encode()).hexdigest()[:12]


def _without_amounts(text: str) -> str:
    counted = _PLURAL.sub(r"\1", _AMOUNT.sub("# ", text))
    return _DIGITS.sub("#", counted)
