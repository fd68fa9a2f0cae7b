"""The API reference at /docs, made from the OpenAPI document: plain HTML without scripts or other hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; } details { border-top: 1px solid #8884; padding: .4rem 0; }
summary { cursor: pointer; } code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .6rem; background: #8881; } table { border-collapse: collapse; }
td { padding: .1rem 1rem .1rem 0; vertical-align: top; }
"""


def add_reference(app: FastAPI) -> None:
    """Serve the reference of *app*."""

    async def show_reference(_request: Request) -> HTMLResponse:
        return HTMLResponse(render(app.openapi()))

    app.add_route("/docs", show_reference, methods=["GET"], include_in_schema=False)


def render(document: Mapping[str, Any]) -> str:
    """Return the whole page."""
    info = document["info"]
    title = f"{escape(info['title'])} {escape(info['version'])}: API"
    groups: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            tag = next(iter(operation.get("tags", [])), "other")
            groups.setdefault(tag, []).append(
                "".join(_operation(operation, address=f"{method.upper()} {path}"))
            )
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(operations)}" for tag, operations in groups.items())
    schemas = "".join(_schema(name, schema) for name, schema in document["components"]["schemas"].items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1><p>{escape(info.get('description', ''))} "
        f'The whole document: <a href="/openapi.json">openapi.json</a>.</p>{body}<h2>schemas</h2>{schemas}'
        "</body></html>"
    )


def _operation(operation: Mapping[str, Any], *, address: str) -> Iterator[str]:
    yield f'<details id="{escape(operation.get("operationId", ""))}"><summary>'
    yield f"<code>{escape(address)}</code></summary>"
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    rows = "".join(_parameter(parameter) for parameter in operation.get("parameters", []))
    if rows:
        yield f"<table>{rows}</table>"
    if "requestBody" in operation:
        yield f"<p>Takes {_content(operation['requestBody'])}</p>"
    for status, response in operation["responses"].items():
        yield f"<p>{escape(status)}: {_content(response) or escape(response.get('description', ''))}</p>"
    yield "</details>"


def _parameter(parameter: Mapping[str, Any]) -> str:
    required = "required" if parameter.get("required") else ""
    about = escape(parameter.get("description", ""))
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{escape(parameter['in'])}</td>"
        f"<td>{required}</td><td>{_named(parameter.get('schema', {}))}</td><td>{about}</td></tr>"
    )


def _content(holder: Mapping[str, Any]) -> str:
    parts = (
        f"{escape(media)} {_named(content.get('schema', {}))}"
        for media, content in holder.get("content", {}).items()
    )
    return ", ".join(parts)


def _named(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_named(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_named(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(escape(str(choice)) for choice in schema["enum"])
    return escape(str(schema.get("type", "anything")))


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    shown = escape(orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode())
    about = escape(schema.get("description", ""))
    return (
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code> {about}</summary>'
        f"<pre>{shown}</pre></details>"
    )
