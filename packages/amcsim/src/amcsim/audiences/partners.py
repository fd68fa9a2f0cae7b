"""What a login keeps for audiences of its own people: terms, connections, audiences, members (AMC advertiser
audiences API). Nothing of it changes the data of an instance.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from amcsim import noise
from amcsim.errors import BadRequest, NotFound
from amcsim.workflows import ApiModel

_LONGEST_SECONDS = 34_300_800
_JOB_TAKES = timedelta(seconds=5)
_TERMS = "Terms of a simulated Amazon Marketing Cloud: the data are made up, and so is this agreement."


class TermsAnswer(ApiModel):
    """Whether somebody agrees, with the token of what was read."""

    agreement_token: str
    has_accepted: bool


class Connection(ApiModel):
    """Which instance and which DSP advertiser belong together."""

    connection_id: str | None = Field(None, min_length=1)
    amc_account_id: str | None = None
    amc_account_marketplace_id: str | None = None
    amc_instance_id: str | None = None
    dsp_advertiser_id: str | None = None
    dsp_profile_id: str | None = None
    is_default: bool = False


class Fee(ApiModel):
    """What an audience costs per thousand impressions."""

    cpm_cents: float
    currency: str


class OwnMetadata(ApiModel):
    """How an audience is known outside, and how long its members stay."""

    external_audience_id: str
    ttl: int | None = Field(None, ge=0, le=_LONGEST_SECONDS)
    audience_fees: list[Fee] | None = Field(None, min_length=1, max_length=13)


class OwnAudience(ApiModel):
    """The body that creates an audience; it is for a connection or an advertiser."""

    name: str = Field(min_length=10, max_length=128)
    description: str = Field(max_length=1_000)
    metadata: OwnMetadata
    target_resource: dict[str, Any] = Field(min_length=1)
    country_code: str | None = None


class MetadataPart(ApiModel):
    """What can be changed of how an audience is known."""

    ttl: int | None = Field(None, ge=0, le=_LONGEST_SECONDS)
    audience_fees: list[Fee] | None = Field(None, min_length=1, max_length=13)


class MetadataChange(ApiModel):
    """The body that changes an audience: what is not named stays."""

    description: str | None = Field(None, max_length=1_000)
    metadata: MetadataPart | None = None


class Member(ApiModel):
    """One person who is added to an audience or taken out of it."""

    external_user_id: Annotated[str, Field(pattern=r"^[0-9a-zA-Z\-_]{1,128}$")]
    action: Literal["CREATE", "DELETE"]
    hashed_pii: list[dict[str, str]] = Field(alias="hashedPII", min_length=1, max_length=100)


class Members(ApiModel):
    """The body that changes who is in an audience."""

    audience_id: int
    records: list[Member] = Field(min_length=1, max_length=10_000)


@dataclass(slots=True)
class _Kept:
    audience: OwnAudience
    members: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class PartnerBook:
    """What one login keeps."""

    client_id: str
    terms_accepted: bool
    _connections: dict[str, tuple[Connection, datetime]] = field(default_factory=dict[str, Any])
    _audiences: dict[int, _Kept] = field(default_factory=dict[int, _Kept])
    _jobs: dict[str, tuple[int, int, datetime]] = field(default_factory=dict[str, Any])

    @property
    def agreement_token(self) -> str:
        """The token of the terms."""
        return f"{noise.key(self.client_id, 'terms'):016x}"

    def terms(self) -> dict[str, Any]:
        """Return the terms and whether they are accepted."""
        return {
            "agreementContent": _TERMS,
            "agreementToken": self.agreement_token,
            "hasAccepted": self.terms_accepted,
        }

    def answer_terms(self, answer: TermsAnswer) -> None:
        """Accept the terms or take that back; raises BadRequest for the token of other terms."""
        if answer.agreement_token != self.agreement_token:
            raise BadRequest("The agreementToken is not that of the present terms")
        self.terms_accepted = answer.has_accepted

    def connect(self, asked: Connection, now: datetime) -> str:
        """Keep a connection and return its id; the first one is the default; raises BadRequest."""
        connection_id = asked.connection_id or str(uuid.uuid4())
        if connection_id in self._connections:
            raise BadRequest(f"Connection {connection_id} already exists")
        is_default = asked.is_default or not self._connections
        if is_default:
            self._connections = {
                name: (kept.model_copy(update={"is_default": False}), at)
                for name, (kept, at) in self._connections.items()
            }
        changes = {"connection_id": connection_id, "is_default": is_default}
        self._connections[connection_id] = (asked.model_copy(update=changes), now)
        return connection_id

    def connections(self, connection_id: str | None, *, default_only: bool) -> list[dict[str, Any]]:
        """Return the connections in the API's shape; raises NotFound for an id that is none."""
        if connection_id and connection_id not in self._connections:
            raise NotFound(f"Connection {connection_id} does not exist")
        return [
            kept.model_dump(mode="json", by_alias=True, exclude_none=True)
            | {"clientId": self.client_id, "creationDateTime": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
            for name, (kept, at) in self._connections.items()
            if connection_id in {None, "", name} and (kept.is_default or not default_only)
        ]

    def disconnect(self, connection_id: str | None) -> None:
        """Forget one connection, or all; there stays a default one; raises NotFound."""
        if not connection_id:
            self._connections.clear()
        elif self._connections.pop(connection_id, None) is None:
            raise NotFound(f"Connection {connection_id} does not exist")
        if self._connections and not any(kept.is_default for kept, _ in self._connections.values()):
            first, (kept, at) = next(iter(self._connections.items()))
            self._connections[first] = (kept.model_copy(update={"is_default": True}), at)

    def create(self, asked: OwnAudience) -> dict[str, Any]:
        """Keep an audience; raises BadRequest for a connection that is none."""
        connection_id = asked.target_resource.get("connectionId")
        if connection_id is None and "advertiserId" not in asked.target_resource:
            raise BadRequest("targetResource must name a connectionId or an advertiserId")
        if connection_id is not None and connection_id not in self._connections:
            raise BadRequest(f"Connection {connection_id} does not exist")
        audience_id = 10**8 + noise.below(10**8, self.client_id, "audience", len(self._audiences))
        self._audiences[audience_id] = _Kept(asked)
        return {"audienceId": audience_id, "externalAudienceId": asked.metadata.external_audience_id}

    def shown(self, audience_id: int) -> dict[str, Any]:
        """Return an audience in the API's shape; raises NotFound."""
        kept = self._kept(audience_id)
        body = kept.audience.model_dump(mode="json", by_alias=True, exclude_none=True)
        target = body.pop("targetResource")
        body["metadata"]["audienceSize"] = _size(kept)
        named = {"advertiserId": target["advertiserId"]} if "advertiserId" in target else {}
        return {"audienceId": audience_id, **body, **named}

    def change(self, audience_id: int, asked: MetadataChange) -> dict[str, Any]:
        """Change an audience and return it; raises NotFound."""
        kept = self._kept(audience_id)
        changes: dict[str, Any] = {}
        if asked.metadata is not None:
            named = {name: getattr(asked.metadata, name) for name in asked.metadata.model_fields_set}
            changes["metadata"] = kept.audience.metadata.model_copy(update=named)
        if asked.description is not None:
            changes["description"] = asked.description
        kept.audience = kept.audience.model_copy(update=changes)
        return self.shown(audience_id)

    def manage(self, asked: Members, now: datetime) -> str:
        """Add and take out members and return the job's id; raises BadRequest."""
        if asked.audience_id not in self._audiences:
            raise BadRequest(f"Audience {asked.audience_id} does not exist")
        members = self._audiences[asked.audience_id].members
        for record in asked.records:
            if record.action == "CREATE":
                members.add(record.external_user_id)
            else:
                members.discard(record.external_user_id)
        job = str(uuid.uuid4())
        self._jobs[job] = (asked.audience_id, len(asked.records), now)
        return job

    def job(self, job: str, now: datetime) -> dict[str, Any]:
        """Return how far a job is (how long it takes is inferred); raises NotFound."""
        if job not in self._jobs:
            raise NotFound(f"Job {job} does not exist")
        audience_id, _, begun_at = self._jobs[job]
        if now < begun_at + _JOB_TAKES:
            return {"jobRequestId": job, "jobState": "PENDING"}
        return {
            "jobRequestId": job,
            "jobState": "SUCCEEDED",
            "audienceSize": _size(self._kept(audience_id)),
            "invalidRecords": [],
            "successful": {"recordsProcessedRate": 100},
        }

    def _kept(self, audience_id: int) -> _Kept:
        if audience_id not in self._audiences:
            raise NotFound(f"Audience {audience_id} does not exist")
        return self._audiences[audience_id]


def _size(kept: _Kept) -> dict[str, int]:
    """Return the sizes: everybody is found and reached, because nobody is real."""
    names = ("receivedRecordSize", "idResolutionCount", "dspAudienceSize")
    return dict.fromkeys(names, len(kept.members))
