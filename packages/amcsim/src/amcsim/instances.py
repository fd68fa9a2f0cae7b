"""Instances that come, change and go while the simulator runs (AMC administration API)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from amcsim.errors import BadRequest
from amcsim.roster import Account, Creation, Instance, Roster, new_instance
from amcsim.workflows import ApiModel

_MOST_PER_ACCOUNT = 4_000
_TOKEN_LASTS = timedelta(minutes=10)
_REQUESTED_SHARE = 0.2
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ]{3,50}$")]
AwsAccount = Annotated[str, Field(pattern=r"^\d{12}$")]
Bucket = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]


class _Described(ApiModel):
    advertiser_name: Name | None = None
    aws_account_id: AwsAccount | None = None
    s3_bucket_name: Bucket | None = None


class InstanceChange(_Described):
    """The body of an update: what is not named stays (inferred)."""

    instance_name: Name | None = None


class InstanceRequest(_Described):
    """The body of a create."""

    instance_name: Name
    acr_backed: bool = False
    idempotency_token: str | None = Field(None, min_length=1, max_length=36)


class CustomerAwsAccount(ApiModel):
    """The body of the deprecated way to link a bucket."""

    aws_account_id: AwsAccount
    bucket_name: Bucket


class InstanceBook:
    """Creates, changes and deletes what is in the roster."""

    def __init__(self, roster: Roster, *, seed: int, creation_seconds: float) -> None:
        self._roster = roster
        self._seed = seed
        self._creation = timedelta(seconds=creation_seconds)
        self._asked: dict[tuple[str, str], tuple[InstanceRequest, str, datetime]] = {}

    def create(self, account: Account, asked: InstanceRequest, *, now: datetime) -> Instance:
        """Begin to create an instance, or return the one that the same token created within ten minutes;
        raises BadRequest.
        """
        known = self._known(account, asked, now)
        if known is not None:
            return known
        if asked.acr_backed:
            raise BadRequest("Instances backed by AWS Clean Rooms cannot be created")
        if len(self._roster.of_account(account)) >= _MOST_PER_ACCOUNT:
            raise BadRequest(f"An account can have at most {_MOST_PER_ACCOUNT} instances")
        created = new_instance(
            self._roster,
            account,
            seed=self._seed,
            creation=Creation(now, now + self._creation * _REQUESTED_SHARE, now + self._creation),
        )
        instance = self._put(created, asked)
        if asked.idempotency_token is not None:
            key = (account.account_id, asked.idempotency_token)
            self._asked[key] = (asked, instance.instance_id, now)
        return instance

    def update(self, instance: Instance, change: InstanceChange) -> Instance:
        """Return *instance* with what *change* names."""
        return self._put(instance, change)

    def link(self, instance: Instance, asked: CustomerAwsAccount) -> Instance:
        """Return *instance* with a bucket."""
        return self._put(
            instance, InstanceChange(aws_account_id=asked.aws_account_id, s3_bucket_name=asked.bucket_name)
        )

    def delete(self, instance: Instance) -> None:
        """Remove *instance*; its id is never given again."""
        del self._roster.instances[instance.instance_id]

    def _known(self, account: Account, asked: InstanceRequest, now: datetime) -> Instance | None:
        key = (account.account_id, asked.idempotency_token or "")
        earlier, instance_id, at = self._asked.get(key, (asked, "", now))
        instance = self._roster.instances.get(instance_id)
        if instance is None or now >= at + _TOKEN_LASTS:
            return None
        if earlier != asked:
            raise BadRequest("The idempotencyToken was used for another request")
        return instance

    def _put(self, instance: Instance, change: InstanceChange | InstanceRequest) -> Instance:
        named: dict[str, Any] = {
            "name": change.instance_name,
            "advertiser_name": change.advertiser_name,
            "aws_account_id": change.aws_account_id,
            "bucket": change.s3_bucket_name,
        }
        changed = replace(instance, **{field: value for field, value in named.items() if value is not None})
        self._roster.instances[instance.instance_id] = changed
        return changed
