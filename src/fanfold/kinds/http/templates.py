"""Values put into texts: `{{ target.attributes.region }}`, `{{ parameters.day | default('today') }}`.

The syntax is that of Jinja, and only its expressions of names, constants, filters and `~`: no loops, no
calls, no arithmetic. They are looked up here and never compiled, so a template can neither run code nor grow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote

from jinja2 import Environment, TemplateSyntaxError, nodes

_ENVIRONMENT = Environment(autoescape=False, keep_trailing_newline=True)  # noqa: S701 -- nothing is HTML here
_DEEPEST = 16
_ROOTS = ("target", "parameters")
TARGET_FIELDS = ("key", "name", "attributes")


class BadTemplate(Exception):
    """The template cannot be used at all."""


class Missing(Exception):
    """A value that the template asks for is not there, or is null."""

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path = path
        super().__init__(f"{'.'.join(path)} is not given")


class Raw(str):
    """Text that is put into an address as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that a template asks for."""

    path: tuple[str, ...]
    optional: bool
    """It has a default."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes."""

    parts: tuple[str | nodes.Expr, ...]

    def references(self) -> Iterator[Reference]:
        """Yield what it asks for."""
        for part in self.parts:
            if isinstance(part, nodes.Expr):
                yield from _references(part, optional=False)

    def text(self, scope: Mapping[str, Any], *, encode: Callable[[str], str] = str) -> str:
        """Fill the holes; *encode* is applied to each value that is not raw. Raises `Missing`."""
        pieces: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            value = _evaluate(part, scope)
            pieces.append(str(value) if isinstance(value, Raw) else encode(_text(value, part)))
        return "".join(pieces)

    def value(self, scope: Mapping[str, Any]) -> Any:
        """As `text`, but a single hole keeps its type: a number, a list, null. Raises `Missing`."""
        if len(self.parts) == 1 and isinstance(self.parts[0], nodes.Expr):
            return _evaluate(self.parts[0], scope)
        return self.text(scope)


@lru_cache(maxsize=2048)
def template_of(source: str) -> Template:
    """Read a template. Raises `BadTemplate`."""
    try:
        parsed = _ENVIRONMENT.parse(source)
        return Template(tuple(part for node in parsed.body for part in _parts(node)))
    except TemplateSyntaxError as error:
        raise BadTemplate(error.message or "it cannot be read") from None
    except RecursionError:
        raise BadTemplate("it nests too deeply") from None


def in_address(text: str) -> str:
    """Encode a value for any place in an address (RFC 3986): it cannot leave its place."""
    return quote(text, safe="")


def _parts(node: nodes.Node) -> Iterator[str | nodes.Expr]:
    if not isinstance(node, nodes.Output):
        raise BadTemplate("only values in {{ }} can be used, no statements")
    for part in node.nodes:
        if isinstance(part, nodes.TemplateData):
            yield part.data
        else:
            _check(part)
            yield part


def _check(node: nodes.Expr, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise BadTemplate("it nests too deeply")
    _check_names(node)
    for inner in _inside(node):
        _check(inner, depth + 1)


def _inside(node: nodes.Expr) -> Sequence[nodes.Expr]:
    match node:
        case nodes.Const() | nodes.Name():
            return ()
        case nodes.Getattr(node=inner) | nodes.Getitem(node=inner, arg=nodes.Const(value=str() | int())):
            return (inner,)
        case nodes.Filter(node=nodes.Expr() as inner, name=name, args=args, kwargs=[], dyn_args=None):
            _check_filter(name, args)
            return (inner, *args)
        case nodes.Concat(nodes=parts):
            return parts
        case _:
            raise BadTemplate("only names, constants, filters and ~ can be used")


def _check_filter(name: str, args: Sequence[nodes.Expr]) -> None:
    if name != "default" and name not in _FILTERS:
        raise BadTemplate(f"there is no filter {name!r}; there are default, {', '.join(sorted(_FILTERS))}")
    takes = 1 if name in {"default", "join"} else 0
    if len(args) != takes:
        raise BadTemplate(f"the filter {name!r} takes {takes} values, not {len(args)}")


def _check_names(node: nodes.Expr) -> None:
    root, *rest = _path(node) or (_ROOTS[0],)
    if root not in _ROOTS:
        raise BadTemplate(f"{root!r} is unknown: begin with {' or '.join(_ROOTS)}")
    if root == "target" and rest and rest[0] not in TARGET_FIELDS:
        raise BadTemplate(f"a target has {', '.join(TARGET_FIELDS)}, and no {rest[0]!r}")


def _path(node: nodes.Expr) -> tuple[str, ...] | None:
    """Return the names of a chain such as `target.attributes.region`; None for anything else."""
    match node:
        case nodes.Name(name=name):
            return (name,)
        case nodes.Getattr(node=inner, attr=last) | nodes.Getitem(node=inner, arg=nodes.Const(value=last)):
            before = _path(inner)
            return None if before is None else (*before, str(last))
        case _:
            return None


def _references(node: nodes.Expr, *, optional: bool) -> Iterator[Reference]:
    path = _path(node)
    if path is not None:
        yield Reference(path, optional)
        return
    if isinstance(node, nodes.Filter) and node.node is not None:
        yield from _references(node.node, optional=optional or node.name == "default")
        for argument in node.args:
            yield from _references(argument, optional=optional)
        return
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Expr):
            yield from _references(child, optional=optional)


def _evaluate(node: nodes.Expr, scope: Mapping[str, Any]) -> Any:
    match node:
        case nodes.Const(value=value):
            return value
        case nodes.Name(name=name):
            return scope[name]
        case nodes.Getattr(node=inner, attr=last) | nodes.Getitem(node=inner, arg=nodes.Const(value=last)):
            return _item(_evaluate(inner, scope), last, path=_path(node) or (str(last),))
        case nodes.Filter(node=nodes.Expr() as inner, name="default", args=[other]):
            return _or_default(inner, other, scope=scope)
        case nodes.Filter(node=nodes.Expr() as inner, name=name, args=args):
            given = [_evaluate(argument, scope) for argument in args]
            return _FILTERS[name](_evaluate(inner, scope), *given)
        case nodes.Concat(nodes=parts):
            return "".join(_text(_evaluate(part, scope), part) for part in parts)
        case _:
            raise BadTemplate("only names, constants, filters and ~ can be used")


def _or_default(inner: nodes.Expr, other: nodes.Expr, *, scope: Mapping[str, Any]) -> Any:
    try:
        value = _evaluate(inner, scope)
    except Missing:
        value = None
    return _evaluate(other, scope) if value is None else value


def _item(holder: Any, name: str | int, *, path: tuple[str, ...]) -> Any:
    if isinstance(holder, Mapping):
        held = cast("Mapping[str, Any]", holder)
        if str(name) in held:
            return held[str(name)]
    elif isinstance(holder, list | tuple) and isinstance(name, int):
        items = cast("Sequence[Any]", holder)
        if -len(items) <= name < len(items):
            return items[name]
    raise Missing(path)


def _text(value: Any, node: nodes.Expr) -> str:
    if value is None:
        raise Missing(_path(node) or ("a value",))
    return _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else _as_json(value)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _joined(value: Any, between: Any) -> str:
    items = cast("Sequence[Any]", value if isinstance(value, list | tuple) else [value])
    return _plain(between).join(_plain(item) for item in items)


def _lower(value: Any) -> str:
    return _plain(value).lower()


def _upper(value: Any) -> str:
    return _plain(value).upper()


def _trim(value: Any) -> str:
    return _plain(value).strip()


def _raw(value: Any) -> Raw:
    return Raw(_plain(value))


def _urlencode(value: Any) -> str:
    return in_address(_plain(value))


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "join": _joined,
    "json": _as_json,
    "lower": _lower,
    "raw": _raw,
    "trim": _trim,
    "upper": _upper,
    "urlencode": _urlencode,
}
