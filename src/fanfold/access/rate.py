"""So many submissions a minute for each user, counted in the database and so exact across processes.

A dependency of the routes that submit; a submission that is refused for another reason does not count.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from fanfold.access import store
from fanfold.access.current import CurrentUser
from fanfold.access.errors import TooManySubmissions
from fanfold.access.idempotency import ClaimedKey
from fanfold.db.database import Database

_KEY = "submit"


class SubmissionRate:
    """Admits submissions."""

    def __init__(
        self, database: Database, *, allowed: int = 10, window: timedelta = timedelta(minutes=1)
    ) -> None:
        self._database = database
        self._allowed = allowed
        self._window = window

    async def admit(self, user_id: UUID) -> int:
        """Count a submission and return its mark. Raises `TooManySubmissions`."""
        mark, wait = await store.mark_request(
            self._database, user_id, key=_KEY, allowed=self._allowed, window=self._window
        )
        if mark is None:
            seconds = int(self._window.total_seconds())
            message = f"You may submit {self._allowed} batches in {seconds} s."
            raise TooManySubmissions(message, after=wait)
        return mark

    async def withdraw(self, mark: int, *, user_id: UUID) -> None:
        """Take a mark back, since nothing was submitted."""
        async with self._database.transaction(user_id=user_id) as transaction:
            await store.drop_mark(transaction, mark)


async def admit_submission(*, request: Request, user: CurrentUser, claim: ClaimedKey) -> AsyncIterator[None]:
    """Hold one of the user's submissions for the request; give it back when the request is refused."""
    if claim is not None and claim.batch_id is not None:
        # It only shows what was counted when it was made.
        yield
        return
    rate: SubmissionRate = request.app.state.services.submission_rate
    mark = await rate.admit(user.id)
    try:
        yield
    except BaseException:
        await rate.withdraw(mark, user_id=user.id)
        raise


AdmittedSubmission = Annotated[None, Depends(admit_submission)]
