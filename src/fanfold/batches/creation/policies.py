"""Reads how a new batch is to run, over what the installation says."""

from __future__ import annotations

from uuid import UUID

from fanfold.batches import store
from fanfold.batches.errors import BatchNotFound
from fanfold.batches.policy import Policy, refuse_bad_policy
from fanfold.batches.policy_forms import POLICY_POINTERS, PolicyForm
from fanfold.db.database import Database
from fanfold.sdk.errors import BadInput, Problem


class PolicyReader:
    """Reads policies for the acting user."""

    def __init__(self, database: Database, *, defaults: Policy | None = None) -> None:
        self._database = database
        self._defaults = defaults or Policy()

    async def read(self, form: PolicyForm, problems: list[Problem], *, user_id: UUID) -> Policy:
        """Return the policy; what is wrong with it joins *problems*, by its place in the request."""
        after = None
        if form.after is not None:
            try:
                async with self._database.transaction(user_id=user_id) as transaction:
                    after = (await store.find(transaction, form.after.batch)).id
            except BatchNotFound as error:
                problems.append(Problem("/policy/after/batch", str(error)))
        policy = form.policy(self._defaults, after=after)
        try:
            refuse_bad_policy(policy)
        except BadInput as error:
            problems.extend(
                Problem(f"/policy{POLICY_POINTERS.get(problem.pointer, problem.pointer)}", problem.message)
                for problem in error.problems
            )
        return policy
