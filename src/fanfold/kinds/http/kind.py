"""The kind itself: routes each call to the step that its stored state names."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import httpx
from pydantic import BaseModel, ConfigDict

from fanfold.kinds.http.checks import findings_of, problems_in
from fanfold.kinds.http.definition import HttpDefinition, definition_of
from fanfold.kinds.http.failures import host_key
from fanfold.kinds.http.progress import Polling, Sent, progress_of
from fanfold.kinds.http.remote import remote_of
from fanfold.kinds.http.session import Session
from fanfold.kinds.http.steps import give_up, look, start, stop
from fanfold.sdk.context import Context, Target
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Finding, Kind, Limit
from fanfold.sdk.outbound import OutboundRules, outbound_rules
from fanfold.sdk.outcome import Outcome

_RUNNING_PER_HOST = 10


class HttpParameters(BaseModel):
    """Whatever the definition's templates ask for as `parameters.…`."""

    model_config = ConfigDict(extra="allow")


class Http(Kind):
    """Sends one templated HTTP request per target and keeps what the answer holds."""

    name: ClassVar[str] = "http"
    title: ClassVar[str] = "HTTP request"
    description: ClassVar[str] = "One templated HTTP request per target; rows and summary from its JSON."
    parameters: ClassVar[type[BaseModel]] = HttpParameters
    definition: ClassVar[type[BaseModel]] = HttpDefinition
    """What a batch of this kind runs."""

    def __init__(self, rules: OutboundRules | None = None) -> None:
        self._rules = rules or outbound_rules()

    async def run(self, context: Context) -> Outcome:
        """Take the next step: send the request, or look at what the other side is at."""
        async with self._session(context) as session:
            match progress_of(context.state), session.definition.poll:
                case Polling() as polling, poll if poll is not None:
                    return await look(session, polling, poll=poll)
                case Sent(), _ if not session.definition.may_repeat:
                    return await give_up(session)
                case _:
                    return await start(session)

    async def cancel(self, context: Context) -> None:
        """Stop what the other side is at, where the definition says how."""
        progress = progress_of(context.state)
        if isinstance(progress, Polling):
            async with self._session(context) as session:
                if session.definition.poll is not None:
                    await stop(session, progress, poll=session.definition.poll)

    def inspect(self, definition: Mapping[str, Any]) -> Sequence[Finding]:
        """Check the request without sending it: its form, its templates, its paths, its headers."""
        return list(findings_of(definition))

    def check(self, definition: Mapping[str, Any], parameters: Mapping[str, Any]) -> Sequence[Problem]:
        """Name every parameter that a template asks for and that one target lacks."""
        return list(problems_in(definition, parameters))

    def limits(self, target: Target) -> Sequence[Limit]:
        """Return the cap of the host that the target's `host` or `url` names."""
        host = _host_of(target)
        return [Limit(host_key(host), _RUNNING_PER_HOST, guarded=True)] if host else []

    @asynccontextmanager
    async def _session(self, context: Context) -> AsyncGenerator[Session]:
        definition = definition_of(context.definition)
        async with remote_of(context, self._rules) as remote:
            yield Session(context, definition, remote, context.clock.now())


def _host_of(target: Target) -> str:
    named = target.attributes.get("host") or target.attributes.get("url") or ""
    try:
        url = httpx.URL(str(named) if "://" in str(named) else f"//{named}")
    except httpx.InvalidURL:
        return ""
    return url.host
