"""What the steps of one operation share: the attempt, its definition, and who carries its requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from fanfold.kinds.http.answers import Answer
from fanfold.kinds.http.definition import HttpDefinition
from fanfold.kinds.http.excerpts import excerpt_of
from fanfold.kinds.http.failures import failure_of
from fanfold.kinds.http.reading import Reading, reading_of
from fanfold.kinds.http.remote import HttpRemote, absolute
from fanfold.kinds.http.request import call_of
from fanfold.kinds.http.sending import Bounds, Hop, send
from fanfold.sdk.context import Context
from fanfold.sdk.errors import Failure, Permanent, Retryable
from fanfold.sdk.outcome import Completed

_BIG = 512 * 1024


@dataclass(frozen=True, slots=True)
class Session:
    """One call of the kind."""

    context: Context
    definition: HttpDefinition
    remote: HttpRemote
    since: datetime

    def hop(self) -> Hop:
        """Return this target's request. Raises `Permanent`."""
        context = self.context
        call = call_of(self.definition, target=context.target, parameters=context.parameters)
        url = absolute(call.address, self.remote)
        if call.query:
            url = url.copy_merge_params(httpx.QueryParams(call.query))
        headers = dict(call.headers)
        if call.is_unsafe:
            headers["Idempotency-Key"] = call.key(context.operation_id)
        return Hop(call.method, url, headers, call.content)

    async def send(self, hop: Hop) -> Answer:
        """Send, following redirects. Raises the SDK's failures."""
        definition = self.definition
        bounds = Bounds(definition.timeout_seconds, definition.max_redirects, definition.max_answer_bytes)
        return await send(self.remote, hop, bounds=bounds)

    def failure(self, answer: Answer) -> Failure:
        """Return what an answer means that is no success."""
        return failure_of(answer, conceal=self.remote.conceal, now=self.context.clock.now())

    def excerpt(self, answer: Answer) -> str:
        """Return what may be shown of the answer."""
        return excerpt_of(answer.body, conceal=self.remote.conceal)

    async def completed(self, answer: Answer) -> Completed:
        """Write the rows and return the summary; raise what the answer means when it is no success."""
        definition = self.definition
        if not definition.success.has(answer.status):
            raise self.failure(answer)
        if answer.cut:
            raise Permanent(
                f"The answer is larger than the allowed {definition.max_answer_bytes} bytes.",
                hint="Ask for less, or allow more with max_answer_bytes.",
            )
        reading = await self._reading(answer)
        if not reading.as_wanted:
            raise self._unwanted(answer)
        summary = {**reading.summary, **await self._written(reading)}
        if not definition.looks_inside and (said := self.excerpt(answer)):
            summary["excerpt"] = said
        return Completed({"status": answer.status, "duration_ms": self._duration_ms(), **summary})

    async def _reading(self, answer: Answer) -> Reading:
        if not self.definition.looks_inside:
            return Reading()
        if len(answer.body) > _BIG:
            return await self.context.compute(reading_of, answer.body, self.definition)
        return reading_of(answer.body, self.definition)

    async def _written(self, reading: Reading) -> dict[str, Any]:
        if reading.batches is None:
            return {}
        for batch in reading.batches:
            await self.context.sink.write(batch)
        return {"rows": sum(batch.num_rows for batch in reading.batches)}

    def _unwanted(self, answer: Answer) -> Failure:
        success = self.definition.success
        family = Permanent if success.otherwise == "fail" else Retryable
        place = success.body.path if success.body else "$"
        return family(
            f"{answer.url.host} answered {answer.status}, without what must stand at {place}: "
            f"{self.excerpt(answer)}",
            hint="The definition's success rule asks for it.",
        )

    def _duration_ms(self) -> int:
        return round((self.context.clock.now() - self.since) / timedelta(milliseconds=1))
