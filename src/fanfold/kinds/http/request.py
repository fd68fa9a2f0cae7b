"""One target's request: the definition's templates with the target's and the parameters' values in them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid5

import httpx

from fanfold.kinds.http.definition import UNSAFE, HttpDefinition
from fanfold.kinds.http.templates import BadTemplate, Missing, in_address, template_of
from fanfold.kit.pointers import escaped
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent

_LARGEST_BODY = 10 * 1024 * 1024
_LINE_BREAK = re.compile(r"[\r\n\0]")
_DOTS = re.compile(r"/(\.|%2e){1,2}(?=/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent."""

    method: str
    address: str
    """Absolute, or a path that continues the connection's address."""
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_unsafe(self) -> bool:
        """Whether it changes something at the other side."""
        return self.method in UNSAFE

    def key(self, operation_id: UUID) -> str:
        """Return what makes a repeated request known: the same for the same request of one operation."""
        told = json.dumps([self.method, self.address, self.query, hashlib.sha256(self.content).hexdigest()])
        return str(uuid5(operation_id, told))


def templates_in(definition: HttpDefinition) -> Iterator[tuple[str, str]]:
    """Yield each text that may have holes, with its JSON pointer."""
    yield "/url", definition.url
    for name, text in definition.headers.items():
        yield f"/headers/{escaped(name)}", text
    yield from _texts(definition.query, "/query")
    if definition.sends_json or isinstance(definition.body, str):
        yield from _texts(definition.body, "/body")


def call_of(definition: HttpDefinition, *, target: Target, parameters: Mapping[str, Any]) -> Call:
    """Fill the holes. Raises `Permanent` naming what is missing or not allowed."""
    shown = {"key": target.key, "name": target.name, "attributes": target.attributes}
    scope = {"target": shown, "parameters": parameters}
    return Call(
        method=definition.method,
        address=_address(definition.url, scope),
        query=tuple(_query(definition.query, scope)),
        headers=dict(_headers(definition, scope)),
        content=_content(definition, scope),
    )


def _address(source: str, scope: Mapping[str, Any]) -> str:
    with _Place("/url"):
        address = template_of(source).text(scope, encode=in_address)
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise Permanent(f"The address cannot be used: {error}") from None
    if _DOTS.search(address.partition("?")[0]) or _LINE_BREAK.search(address):
        raise Permanent("The address has a step such as '..' in its path.", hint="Name the path itself.")
    if url.fragment:
        raise Permanent("The address has a fragment (#), which is never sent.", hint="Encode it or drop it.")
    return address


def _query(query: Mapping[str, Any], scope: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, given in query.items():
        for index, entry in enumerate(_list(given)):
            with _Place(f"/query/{escaped(name)}/{index}"):
                value = template_of(entry).value(scope) if isinstance(entry, str) else entry
            for item in _list(value):
                if item is not None:
                    yield name, item if isinstance(item, str) else json.dumps(item)


def _headers(definition: HttpDefinition, scope: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, source in definition.headers.items():
        with _Place(f"/headers/{escaped(name)}"):
            value = template_of(source).text(scope).strip()
        if _LINE_BREAK.search(value) or not value.isascii():
            raise Permanent(f"The header {name} would carry a line break or a letter that is not ASCII.")
        yield name, value
    if definition.body is not None and "content-type" not in {name.lower() for name in definition.headers}:
        yield "Content-Type", definition.content_type


def _content(definition: HttpDefinition, scope: Mapping[str, Any]) -> bytes:
    if definition.body is None:
        return b""
    if definition.sends_json:
        content = json.dumps(_filled(definition.body, scope, pointer="/body"), ensure_ascii=False).encode()
    else:
        with _Place("/body"):
            content = template_of(definition.body).text(scope).encode()
    if len(content) > _LARGEST_BODY:
        raise Permanent(f"The request's body would be larger than {_LARGEST_BODY} bytes.")
    return content


def _filled(value: Any, scope: Mapping[str, Any], *, pointer: str) -> Any:
    if isinstance(value, str):
        with _Place(pointer):
            return template_of(value).value(scope)
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return {
            name: _filled(item, scope, pointer=f"{pointer}/{escaped(name)}") for name, item in members.items()
        }
    if isinstance(value, list):
        items = cast("Sequence[Any]", value)
        return [_filled(item, scope, pointer=f"{pointer}/{index}") for index, item in enumerate(items)]
    return value


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for name, item in cast("Mapping[str, Any]", value).items():
            yield from _texts(item, f"{pointer}/{escaped(name)}")
    elif isinstance(value, list):
        for index, item in enumerate(cast("Sequence[Any]", value)):
            yield from _texts(item, f"{pointer}/{index}")


class _Place:
    """Says where in the definition a hole could not be filled."""

    def __init__(self, pointer: str) -> None:
        self._pointer = pointer

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Missing | BadTemplate):
            raise Permanent(
                f"The request cannot be made: {error} (at {self._pointer} of the definition).",
                hint="Give the value, or a default in the template, and retry.",
            ) from None


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]
