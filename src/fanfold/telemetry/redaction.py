"""Takes secrets out of what is logged: by the name of the field, and by the look of the text."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

REDACTED = "[redacted]"

_SECRET_NAMES = re.compile(
    r"token|secret|password|passwd|authorization|refresh|cookie|credential|fernet|api_?key|private_?key|dsn",
    re.IGNORECASE,
)
_SECRET_TEXTS = (
    # Bearer and Basic headers
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=|-]{8,}", re.IGNORECASE), rf"\1 {REDACTED}"),
    # Login with Amazon: refresh tokens begin with Atzr|, access tokens with Atza|
    (re.compile(r"\bAtz[ra]\|[\w/+=-]+"), REDACTED),
    # JSON Web Tokens (RFC 7519): three parts, the first begins with {" in base64url
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), REDACTED),
    # a password in a URL, a secret in a query
    (re.compile(r"(://[^:/@\s]*):[^@/\s]+@"), rf"\1:{REDACTED}@"),
    (
        re.compile(
            r"([?&](?:code|\w*token|\w*secret|password|signature|x-amz-\w+)=)[^&\s\"']+", re.IGNORECASE
        ),
        rf"\1{REDACTED}",
    ),
)


def redact(event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Clean one log event in place."""
    for name in event:
        event[name] = REDACTED if _SECRET_NAMES.search(name) else clean(event[name])
    return event


def clean(value: Any) -> Any:
    """Return *value* without the secrets that its names and texts give away; other objects unchanged."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, Mapping):
        return {name: _clean_item(str(name), item) for name, item in _items(value)}
    if isinstance(value, list | tuple):
        return [clean(item) for item in _elements(value)]
    return value


def _clean_item(name: str, item: Any) -> Any:
    return REDACTED if _SECRET_NAMES.search(name) else clean(item)


def _clean_text(text: str) -> str:
    for look, replacement in _SECRET_TEXTS:
        text = look.sub(replacement, text)
    return text


def _items(mapping: Any) -> list[tuple[Any, Any]]:
    return list(mapping.items())


def _elements(sequence: Any) -> list[Any]:
    return list(sequence)
