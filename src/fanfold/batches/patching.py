"""JSON Merge Patch (RFC 7396) of what an operation runs with; no I/O.

A patch meets the merged parameters, and what comes out is stored as the operation's overrides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import orjson

Values = Mapping[str, Any]


def merged(base: Values, overrides: Values | None) -> dict[str, Any]:
    """Return what an operation runs with."""
    return {**base, **(overrides or {})}


def merge_patch(target: Any, patch: Any) -> Any:
    """Return *target* with *patch* applied: null removes a member, an object goes deeper, all else replaces.

    The two are left as they are.
    """
    if not isinstance(patch, Mapping):
        return patch
    result: dict[str, Any] = dict(cast("Values", target)) if isinstance(target, Mapping) else {}
    for name, value in cast("Values", patch).items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def patched(base: Values, overrides: Values | None, *, patch: Values) -> dict[str, Any]:
    """Return the overrides that make the merged parameters what *patch* makes of them.

    A parameter of the batch that the patch removes stays as an override with null: it has no value here.
    """
    own = dict(overrides or {})
    result = merge_patch(merged(base, own), patch)
    for name in patch:
        if name not in result:
            own.pop(name, None)
            if name in base:
                own[name] = None
        elif name in base and _same(result[name], base[name]):
            own.pop(name, None)
        else:
            own[name] = result[name]
    return own


def _same(one: Any, other: Any) -> bool:
    # To Python 1, 1.0 and True are equal; to JSON they are not.
    return orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)
