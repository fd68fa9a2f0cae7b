"""What a batch of this kind runs: one request with holes, and what its answer must be and gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from fanfold.kinds.http.jsonpaths import path_of
from fanfold.sdk.errors import Permanent

MIB = 1024 * 1024
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""Methods that change something (RFC 9110, section 9.2.1)."""
_UNREPEATABLE = frozenset({"POST", "PATCH"})
_STATUSES = re.compile(r"[1-5]xx|[1-5]\d\d(-[1-5]\d\d)?")
_LONGEST_TEMPLATE = 100_000


def _statuses(text: str) -> str:
    if not _STATUSES.fullmatch(text):
        raise ValueError("write a status as 204, 2xx or 200-204")
    return text


def _answer_path(source: str) -> str:
    if path_of(source).from_row:
        raise ValueError("this path begins at the answer: write $ instead of @")
    return source


def _any_path(source: str) -> str:
    return path_of(source).source


Statuses = Annotated[str, AfterValidator(_statuses)]
AnswerPath = Annotated[str, AfterValidator(_answer_path)]
AnyPath = Annotated[str, AfterValidator(_any_path)]
TemplateText = Annotated[str, Field(max_length=_LONGEST_TEMPLATE)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Part):
    """What an answer's JSON says."""

    path: AnswerPath = Field(description="Where to look, e.g. $.status.")
    equals: Any = Field(default=None, description="The value that must stand there.")
    one_of: list[Any] | None = Field(default=None, description="Or the values of which one must stand there.")

    def holds(self, answer: Any) -> bool:
        """Whether it is so; without a value to compare with, whether anything stands there."""
        found = path_of(self.path).first(answer)
        if self.one_of is not None:
            return any(_same(found, allowed) for allowed in self.one_of)
        return found is not None if "equals" not in self.model_fields_set else _same(found, self.equals)


class Success(_Part):
    """When a request counts as done."""

    status: list[Statuses] = Field(
        default=["2xx"], min_length=1, description="Statuses of success: 204, 2xx or 200-204."
    )
    body: Condition | None = Field(default=None, description="What the answer's JSON must say as well.")
    otherwise: Literal["fail", "retry"] = Field(
        default="fail", description="What to do when the status is right and the body is not."
    )

    def has(self, status: int) -> bool:
        """Whether *status* is one of success."""
        return any(_covers(pattern, status) for pattern in self.status)


class Column(_Part):
    """One column of the result set."""

    name: str = Field(min_length=1, max_length=200, description="The column's name.")
    path: AnyPath = Field(description="Where its value stands: @ begins at the row, $ at the answer.")
    type: Literal["string", "integer", "number", "boolean", "date", "timestamp", "json"] = Field(
        default="string", description="Its type."
    )


class Result(_Part):
    """How the answer becomes rows."""

    rows: AnswerPath = Field(default="$", description="What gives a row each, e.g. $.items[*].")
    columns: list[Column] = Field(min_length=1, max_length=500, description="The columns, in their order.")

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [column.name.lower() for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError("two columns have the same name")
        return self


class Poll(_Part):
    """How to wait for work that the remote side goes on with after its first answer."""

    every_seconds: float = Field(default=5, ge=0.1, le=3600, description="Wait between two looks.")
    status: list[Statuses] = Field(default=["202"], min_length=1, description="Answers that mean: at work.")
    address: AnswerPath | None = Field(
        default=None, description="Where the first answer's JSON names the address; else its Location header."
    )
    done: Condition | None = Field(default=None, description="Until the answer's JSON says so.")
    failed: Condition | None = Field(default=None, description="It failed when the answer's JSON says so.")
    cancel: bool = Field(default=False, description="DELETE the address when the user cancels.")

    def address_in(self, answer: Any) -> str | None:
        """Return the address that the answer's JSON names."""
        found = path_of(self.address).first(answer) if self.address else None
        return found if isinstance(found, str) else None

    def at_work(self, status: int) -> bool:
        """Whether *status* says that the remote side is not done."""
        return any(_covers(pattern, status) for pattern in self.status)


class HttpDefinition(_Part):
    """One request per target."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = Field(
        default="GET", description="The request's method."
    )
    url: TemplateText = Field(
        min_length=1,
        description="The address, a template; a path such as /items continues the connection's address.",
    )
    headers: dict[str, TemplateText] = Field(default={}, description="Headers, their values templates.")
    query: dict[str, Any] = Field(
        default={}, description="Query parameters, templates; null is left out, a list is repeated."
    )
    body: Any = Field(
        default=None, description="JSON whose texts are templates, or one template for other content types."
    )
    content_type: str = Field(default="application/json", max_length=200, description="What the body is.")
    success: Success = Field(default=Success(), description="When a request counts as done.")
    result: Result | None = Field(default=None, description="How the answer becomes rows.")
    summary: dict[str, AnswerPath] = Field(
        default={}, max_length=50, description="Values of the answer's JSON that the summary shows."
    )
    poll: Poll | None = Field(default=None, description="How to wait for work that goes on.")
    timeout_seconds: float = Field(default=30, ge=0.1, le=600, description="How long one request may take.")
    max_redirects: int = Field(default=5, ge=0, le=10, description="How many redirects to follow.")
    max_answer_bytes: int = Field(
        default=10 * MIB, ge=1, le=100 * MIB, description="The largest answer that is taken."
    )
    repeatable: bool = Field(
        default=True,
        description="Whether a POST or PATCH whose answer was lost may be sent again, with the same "
        "Idempotency-Key; if not, the operation fails and says so.",
    )

    @property
    def may_repeat(self) -> bool:
        """Whether the request may be sent again when nobody knows what became of it."""
        return self.repeatable or self.method not in _UNREPEATABLE

    @property
    def looks_inside(self) -> bool:
        """Whether a successful answer's JSON is read."""
        return bool(self.result or self.summary or self.success.body)

    @property
    def sends_json(self) -> bool:
        """Whether the body is JSON."""
        essence = self.content_type.partition(";")[0].strip().lower()
        return essence == "application/json" or essence.endswith("+json")


def definition_of(definition: Mapping[str, Any]) -> HttpDefinition:
    """Read a batch's definition. Raises `Permanent` when it cannot be used."""
    try:
        return HttpDefinition.model_validate(definition)
    except ValidationError as error:
        raise Permanent(
            f"The batch's definition is no HTTP request: {'; '.join(problems_of(error))}",
            hint="Correct the definition and submit again.",
        ) from None


def problems_of(error: ValidationError) -> list[str]:
    """Return what is wrong, each with its place; values do not appear."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [f"/{'/'.join(str(step) for step in entry['loc'])}: {entry['msg']}" for entry in found]


def _covers(pattern: str, status: int) -> bool:
    if pattern.endswith("xx"):
        return status // 100 == int(pattern[0])
    low, _, high = pattern.partition("-")
    return int(low) <= status <= int(high or low)


def _same(one: Any, other: Any) -> bool:
    # In JSON 1 and true differ, and 1 and 1.0 do not.
    return one == other and isinstance(one, bool) == isinstance(other, bool)
