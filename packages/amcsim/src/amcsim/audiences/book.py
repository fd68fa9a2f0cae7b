"""The rule-based audiences of one instance: made by a run of their query, made anew as often as they say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import ValidationError

from amcsim.audiences.model import (
    AdvertiserType,
    Audience,
    AudienceQuery,
    AudienceRequest,
    AudienceStatus,
    AudienceUpdate,
    LookalikeRequest,
)
from amcsim.errors import BadRequest, NotFound
from amcsim.executions.model import Execution, ExecutionRequest, Status
from amcsim.roster import Instance
from amcsim.workflows import InputParameter, Workflow

_TIMEOUT_SECONDS = 86_400
Submit = Callable[[ExecutionRequest], Execution]


class AudienceBook:
    """The audiences of one instance; *submit* starts a run of a query."""

    def __init__(self, instance: Instance, submit: Submit) -> None:
        self._instance = instance
        self._submit = submit
        self._audiences: dict[str, Audience] = {}

    def listed(self) -> list[Audience]:
        """Return all of them, the newest first."""
        return list(self._audiences.values())[::-1]

    def get(self, audience_id: str) -> Audience:
        """Return one; raises NotFound."""
        if audience_id not in self._audiences:
            raise NotFound(f"No audience found for audienceExecutionId {audience_id}.")
        return self._audiences[audience_id]

    def same(self, asked: AudienceRequest | LookalikeRequest) -> Audience | None:
        """Return the audience that was asked for in the same words, None when there is none."""
        return next((audience for audience in self.listed() if audience.asked == asked), None)

    def create(
        self,
        asked: AudienceRequest | LookalikeRequest,
        *,
        workflow: Workflow,
        advertiser_type: AdvertiserType,
        audience_id: str,
        now: datetime,
    ) -> Audience:
        """Begin to make an audience of the people whom *workflow* yields."""
        audience = Audience(
            audience_id=audience_id,
            instance_id=self._instance.instance_id,
            advertiser_type=advertiser_type,
            asked=asked,
            sql_query=workflow.sql_query,
            created_at=now,
            run=self._run(asked, workflow, advertiser_type),
        )
        self._audiences[audience_id] = audience
        return audience

    def update(self, audience_id: str, change: AudienceUpdate, *, workflow: Workflow, now: datetime) -> None:
        """Make a failed audience anew with another query; raises NotFound, BadRequest."""
        audience = self.get(audience_id)
        if audience.status(now) is not AudienceStatus.FAILED:
            raise BadRequest("Only audiences with status FAILED can be updated.")
        given = change.model_dump(exclude={"audience_type"}, exclude_none=True)
        try:
            asked = type(audience.asked).model_validate(
                given | {"refresh_rate_days": audience.asked.refresh_rate_days}
            )
        except ValidationError as error:
            raise BadRequest(str(error.errors(include_url=False)[0]["msg"])) from error
        kept = ("advertiser_id", "audience_name", "audience_description", "lookalike_audience_expected_reach")
        changed = [name for name in kept if getattr(asked, name, None) != getattr(audience.asked, name, None)]
        if changed or change.audience_type != audience.audience_type:
            named = ", ".join(changed) or "audience_type"
            raise BadRequest(f"These attributes of an audience cannot be changed: {named}")
        audience.asked, audience.sql_query = asked, workflow.sql_query
        audience.run, audience.refresh = self._run(asked, workflow, audience.advertiser_type), None
        audience.created_at, audience.refreshes = now, 0

    def delete(self, audience_id: str, now: datetime) -> None:
        """Remove one that has failed or was made; raises NotFound, BadRequest."""
        status = self.get(audience_id).status(now)
        if status not in {AudienceStatus.FAILED, AudienceStatus.SUCCEEDED}:
            raise BadRequest(f"An audience with status {status} cannot be deleted.")
        del self._audiences[audience_id]

    def advance(self, now: datetime) -> None:
        """Take over refreshes that have ended, and begin those that are due."""
        for audience in self._audiences.values():
            if audience.refresh is not None and audience.refresh.status.terminal:
                audience.run, audience.refresh = audience.refresh, None
            due = audience.refreshes_due(now)
            settled = audience.refresh is None and audience.run.status is Status.SUCCEEDED
            if settled and due > audience.refreshes:
                audience.refreshes = due
                moved = timedelta(days=audience.asked.refresh_rate_days) * due
                audience.refresh = self._submit(_moved(audience, moved))

    def _run(self, asked: AudienceQuery, workflow: Workflow, advertiser_type: AdvertiserType) -> Execution:
        declared: list[InputParameter] = asked.input_parameters or workflow.input_parameters
        return self._submit(
            ExecutionRequest(
                instance=self._instance,
                workflow_id=asked.workflow_id or "audience",
                sql_query=workflow.sql_query,
                input_parameters=tuple(declared),
                parameter_values=asked.parameter_values,
                window=asked.window(),
                timeout_seconds=_TIMEOUT_SECONDS,
                dry_run=False,
                skip_publish=True,
                disable_aggregation_controls=False,
                synthetic_data=self._instance.sandbox,
                distinct_user_count_column=None,
                audience_for=advertiser_type,
                is_seed=isinstance(asked, LookalikeRequest),
            )
        )


def _moved(audience: Audience, moved: timedelta) -> ExecutionRequest:
    return audience.run.request.with_window(audience.asked.window(moved))
