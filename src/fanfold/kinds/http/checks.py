"""What can be said of a definition and of parameters before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import ValidationError

from fanfold.kinds.http.definition import HttpDefinition, problems_of
from fanfold.kinds.http.request import templates_in
from fanfold.kinds.http.templates import BadTemplate, Template, template_of
from fanfold.kit.pointers import pointer_to
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Finding

_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie"})
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "idempotency-key",
     "upgrade", "te", "trailer", "keep-alive", "expect"}
)  # fmt: skip
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


def findings_of(definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with a definition; the place stands before the words."""
    try:
        read = HttpDefinition.model_validate(definition)
    except ValidationError as error:
        yield from (Finding("http.definition", "error", message) for message in problems_of(error))
        return
    yield from _header_findings(read)
    yield from _template_findings(read)
    yield from _request_findings(read)


def problems_in(definition: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each parameter that the request asks for and that is not given; once."""
    try:
        read = HttpDefinition.model_validate(definition)
    except ValidationError:
        # What is wrong with the definition is told by `findings_of`, once for all targets.
        return
    told: set[tuple[str, ...]] = set()
    for place, template in _readable(read):
        for reference in template.references():
            root, *path = reference.path
            if root != "parameters" or reference.optional or tuple(path) in told or _given(parameters, path):
                continue
            told.add(tuple(path))
            name = ".".join(path) or root
            yield Problem(pointer_to(path), f"{name} is needed by {place} of the request and is not given.")


def _readable(definition: HttpDefinition) -> Iterator[tuple[str, Template]]:
    for place, source in templates_in(definition):
        try:
            yield place, template_of(source)
        except BadTemplate:
            continue


def _header_findings(definition: HttpDefinition) -> Iterator[Finding]:
    for name in definition.headers:
        lowered = name.lower()
        if not _HEADER.fullmatch(name):
            yield Finding("http.header", "error", f"/headers: {name!r} is no name of a header.")
        elif lowered in _OURS:
            yield Finding("http.header", "error", f"/headers/{name}: this header is set by Fanfold.")
        elif lowered in _CREDENTIALS:
            yield Finding(
                "http.credentials",
                "error",
                f"/headers/{name}: a definition is stored and shown in plain text.",
                explanation="Credentials are sealed in a connection and added when the request is sent.",
                fix="Make a connection of the connector http and give it to the targets.",
            )


def _template_findings(definition: HttpDefinition) -> Iterator[Finding]:
    for place, source in templates_in(definition):
        try:
            template_of(source)
        except BadTemplate as error:
            yield Finding("http.template", "error", f"{place}: {error}.")


def _request_findings(definition: HttpDefinition) -> Iterator[Finding]:
    url = definition.url
    if not url.startswith(("http://", "https://", "/", "{{")) or url.startswith("//"):
        what = "only http and https can be called" if _SCHEME.match(url) else "begin with https:// or /"
        yield Finding("http.address", "error", f"/url: {what}.")
    if "@" in url.partition("://")[2].partition("/")[0].partition("?")[0]:
        yield Finding(
            "http.credentials", "error", "/url: the address carries a user; keep it in a connection."
        )
    if definition.body is not None and not definition.sends_json and not isinstance(definition.body, str):
        yield Finding("http.body", "error", f"/body: a body of {definition.content_type} is one text.")
    if definition.body is not None and definition.method in {"GET", "HEAD"}:
        yield Finding("http.body", "error", f"/body: a {definition.method} carries no body.")
    if definition.method == "HEAD" and (definition.result or definition.summary or definition.success.body):
        yield Finding("http.answer", "error", "/method: the answer to HEAD has no body to look into.")


def _given(parameters: Mapping[str, Any], path: list[str]) -> bool:
    value: Any = parameters
    for name in path:
        if isinstance(value, Mapping):
            value = cast("Mapping[str, Any]", value).get(name)
        elif isinstance(value, list) and name.lstrip("-").isdecimal():
            items = cast("list[Any]", value)
            value = items[int(name)] if -len(items) <= int(name) < len(items) else None
        else:
            return False
    return value is not None
