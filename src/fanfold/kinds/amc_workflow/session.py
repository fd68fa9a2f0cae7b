"""What the steps of one operation share: the attempt's context, the client, and what to run where."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from fanfold.kinds.amc_workflow.definition import WorkflowDefinition, definition_of
from fanfold.kinds.amc_workflow.progress import Progress, Submitting, wait_after_miss
from fanfold.kinds.amc_workflow.remote import Address, AmcRemote, address_of
from fanfold.kinds.amc_workflow.submission import Submission, submission_of
from fanfold.sdk.context import Context
from fanfold.sdk.errors import TargetUnavailable, Throttled
from fanfold.sdk.outcome import Snoozed

_MOST_MISSES = 20


@dataclass(frozen=True, slots=True)
class Session:
    """One call of the kind."""

    context: Context
    remote: AmcRemote
    definition: WorkflowDefinition
    address: Address

    @property
    def asked(self) -> str:
        """A digest of the input, by which an execution of another one is told."""
        given = [self.definition.remote_id, dict(self.context.parameters)]
        return sha256(json.dumps(given, sort_keys=True, default=str).encode()).hexdigest()[:16]

    def unsettled(self, progress: Submitting) -> timedelta:
        """Return how long to wait before AMC's list is searched again for a submission."""
        return progress.unsettled(self.context.clock.now(), base=self.definition.poll_interval)

    def submission(self, mark: int) -> Submission:
        """Return what is sent to AMC."""
        return submission_of(self.definition, self.context.parameters, address=self.address, mark=mark)

    def after_miss(self, progress: Progress, failure: TargetUnavailable | Throttled) -> Snoozed:
        """Look again later, keeping the slot: an execution may be at work that only we will fetch.

        Raises `TargetUnavailable` when too many looks in a row failed.
        """
        if progress.misses >= _MOST_MISSES:
            raise TargetUnavailable(failure.message, hint=failure.hint) from failure
        self.context.log.info("amc.look_failed", extra={"misses": progress.misses, "cause": failure.message})
        base = self.definition.poll_interval
        wait = wait_after_miss(progress.misses, base=base, asked=failure.after)
        return Snoozed(wait, progress.as_json())


async def session_of(context: Context) -> Session:
    """Open the attempt's session."""
    definition, address = definition_of(context.definition), address_of(context.target)
    return Session(context, await context.connect(), definition, address)
