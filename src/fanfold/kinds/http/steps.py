"""The steps of an operation: send, look again while the other side is at work, stop it."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import httpx

from fanfold.kinds.http.answers import Answer
from fanfold.kinds.http.definition import Poll
from fanfold.kinds.http.progress import Polling, Sent
from fanfold.kinds.http.sending import TRAVELS, Hop
from fanfold.kinds.http.session import Session
from fanfold.sdk.errors import Failure, Permanent, Retryable, TargetUnavailable, Throttled
from fanfold.sdk.outbound import origin_of
from fanfold.sdk.outcome import Outcome, Snoozed

_MOST_MISSES = 20
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_NOTHING_TO_STOP = _GONE | {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.CONFLICT}
_LOST = "The answer was lost, so the request may have been carried out, and it may not be repeated."
_LOOK = "Look at the other side whether it was; retry this operation if it was not."


async def start(session: Session) -> Outcome:
    """Send the request; with the intent stored before it where a second request would do harm."""
    hop, definition, context = session.hop(), session.definition, session.context
    guarded = definition.poll is not None or not definition.may_repeat
    if guarded:
        await context.save(Sent().as_json())
    try:
        answer = await session.send(hop)
        at_work = _status_address(definition.poll, answer)
        if at_work is None or definition.poll is None:
            return await session.completed(answer)
    except Failure as failure:
        if guarded:
            await context.save({})
        if not definition.may_repeat and isinstance(failure, TargetUnavailable) and failure.reached:
            raise Permanent(_LOST, hint=f"{failure.message} {_LOOK}") from failure
        raise
    polling = Polling(_without_secret(at_work, session))
    # An attempt's remote reference is unique; an idempotent other side names the same address again.
    reference = f"{at_work.copy_with(query=None)}#{context.execution_id}.{context.attempt_number}"
    await context.save(polling.as_json(), remote_ref=reference)
    wait = polling.wait(_every(definition.poll), asked=answer.retry_after(context.clock.now()))
    return Snoozed(wait, polling.as_json())


async def give_up(session: Session) -> Outcome:
    """End an operation of which nobody knows whether its request was carried out."""
    await session.context.save({})
    raise Permanent(_LOST, hint=_LOOK)


async def look(session: Session, polling: Polling, *, poll: Poll) -> Outcome:
    """Look once at what the other side is at; complete when it is done."""
    try:
        answer = await session.send(_status_request(session, polling))
        if not session.definition.success.has(answer.status) and not poll.at_work(answer.status):
            await _refuse(session, answer)
    except (Retryable, Throttled) as failure:
        return _after_miss(session, polling.missed(), poll=poll, failure=failure)
    if _unfinished(answer, poll):
        looked = polling.looked()
        wait = looked.wait(_every(poll), asked=answer.retry_after(session.context.clock.now()))
        return Snoozed(wait, looked.as_json())
    if poll.failed is not None and poll.failed.holds(answer.json()):
        # Without the state, a later attempt sends anew instead of looking at this end again.
        await session.context.save({})
        raise Permanent(f"The other side failed: {session.excerpt(answer)}", hint="Retry sends it again.")
    return await session.completed(answer)


async def stop(session: Session, polling: Polling, *, poll: Poll) -> None:
    """Tell the other side to stop; what has ended already is fine."""
    if not poll.cancel:
        return
    asked = _status_request(session, polling)
    answer = await session.send(Hop("DELETE", asked.url, asked.headers))
    if answer.status >= HTTPStatus.BAD_REQUEST and answer.status not in _NOTHING_TO_STOP:
        raise session.failure(answer)


def _status_address(poll: Poll | None, answer: Answer) -> httpx.URL | None:
    """Return where to look from now on; None when there is nothing to wait for."""
    if poll is None or not _unfinished(answer, poll):
        return None
    named = answer.headers.get("location") or answer.headers.get("content-location")
    if poll.address is not None:
        named = poll.address_in(answer.json()) or named
    if not named:
        raise Permanent(
            f"{answer.url.host} is at work ({answer.status}) and does not say where to look.",
            hint="Name with poll.address where its answer says so.",
        )
    try:
        return answer.url.join(named).copy_with(fragment=None)
    except httpx.InvalidURL:
        raise Permanent(f"{answer.url.host} names an address that cannot be used.") from None


def _without_secret(url: httpx.URL, session: Session) -> str:
    """Return what may be stored; a secret that belongs into the query is added again when it is sent."""
    query = url.query.decode("ascii")
    shown = session.remote.conceal(query)
    return str(url if shown == query else url.copy_with(query=shown.encode()))


def _unfinished(answer: Answer, poll: Poll) -> bool:
    if poll.at_work(answer.status):
        return True
    if poll.done is None or answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        return False
    document = answer.json()
    return not poll.done.holds(document) and not (poll.failed is not None and poll.failed.holds(document))


def _status_request(session: Session, polling: Polling) -> Hop:
    url, request = httpx.URL(polling.url), session.hop()
    at_home = origin_of(url) == origin_of(request.url)
    kept = {
        name: value
        for name, value in request.headers.items()
        if name.lower() in TRAVELS or (at_home and name.lower() not in {"content-type", "idempotency-key"})
    }
    return Hop("GET", url, kept)


async def _refuse(session: Session, answer: Answer) -> None:
    if answer.status in _GONE:
        await session.context.save({})
        raise Permanent(
            f"{answer.url.host} no longer knows the work that it had accepted ({answer.status}).",
            hint="Retry sends it again.",
        )
    failure = session.failure(answer)
    if isinstance(failure, Permanent):
        await session.context.save({})
    raise failure


def _after_miss(session: Session, missed: Polling, *, poll: Poll, failure: Retryable | Throttled) -> Snoozed:
    """Look again later and keep the slot: the other side may be at work, and only we will fetch its end."""
    if missed.misses >= _MOST_MISSES:
        raise failure
    session.context.log.info("http.look_failed", extra={"misses": missed.misses, "cause": failure.message})
    return Snoozed(missed.wait(_every(poll), asked=failure.after), missed.as_json())


def _every(poll: Poll) -> timedelta:
    return timedelta(seconds=poll.every_seconds)
