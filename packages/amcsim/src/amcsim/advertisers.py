"""The advertisers of an instance and the updates that change them (AMC administration API)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from amcsim import noise
from amcsim.clock import Clock
from amcsim.errors import BadRequest, NotFound
from amcsim.roster import Instance
from amcsim.workflows import ApiModel

_MAX_ADVERTISERS = 2_000
_PENDING = timedelta(seconds=2)
_UPDATING = timedelta(seconds=5)


class Advertiser(ApiModel):
    """Who an advertiser is; DSP advertisers have no marketplace."""

    id: str = Field(min_length=1)
    type: Literal["DISPLAY", "SAS", "SPONSORED_ADS"]
    marketplace_id: str | None = None


class AdvertiserChange(ApiModel):
    """The body of an update: at most ten ids each way."""

    advertisers_to_add: list[Advertiser] = Field(default_factory=list[Advertiser], max_length=10)
    advertisers_to_remove: list[Advertiser] = Field(default_factory=list[Advertiser], max_length=10)


@dataclass(slots=True)
class AdvertiserUpdate:
    """One change on its way; it is done a few seconds after it was asked for."""

    update_id: int
    change: AdvertiserChange
    asked_at: datetime
    status: str = "PENDING"

    def as_json(self) -> dict[str, Any]:
        """Return the API's shape."""
        shown = self.change.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {"updateId": self.update_id, "status": self.status, **shown}


@dataclass(slots=True)
class AdvertiserBook:
    """The advertisers of one instance."""

    instance: Instance
    clock: Clock
    _advertisers: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict[tuple[str, str], Any])
    _updates: list[AdvertiserUpdate] = field(default_factory=list[AdvertiserUpdate])

    def __post_init__(self) -> None:
        for brand in self.instance.brands:
            if not self.instance.sponsored_only:
                number = noise.below(10**9, self.instance.instance_id, brand, "advertiser")
                self._put(Advertiser(id=f"{10**12 + number}", type="DISPLAY"), f"{brand} DSP")
            market = self.instance.account.market.marketplace_id
            entity = f"ENTITY{noise.key(self.instance.instance_id, brand) % 36**8:X}"
            self._put(Advertiser(id=entity, type="SPONSORED_ADS", marketplace_id=market), brand)

    def listed(self) -> list[dict[str, Any]]:
        """Return the advertisers that are in force now, in the API's shape."""
        self._settle()
        return [shown for _, shown in sorted(self._advertisers.items())]

    def updates(self) -> list[AdvertiserUpdate]:
        """Return every update, newest first."""
        self._settle()
        return self._updates[::-1]

    def update(self, update_id: str) -> AdvertiserUpdate:
        """Return one update; raises NotFound."""
        for update in self.updates():
            if str(update.update_id) == update_id:
                return update
        raise NotFound(f"Advertiser update with ID {update_id} does not exist.")

    def ask(self, change: AdvertiserChange) -> AdvertiserUpdate:
        """Begin an update; raises BadRequest while another is open or when there would be too many."""
        self._settle()
        if not change.advertisers_to_add and not change.advertisers_to_remove:
            raise BadRequest("advertisersToAdd or advertisersToRemove must name an advertiser")
        if any(update.status not in {"COMPLETED", "REJECTED"} for update in self._updates):
            raise BadRequest("There is already an open advertiser update for this instance")
        if len(self._advertisers) + len(change.advertisers_to_add) > _MAX_ADVERTISERS:
            raise BadRequest(f"An instance can have at most {_MAX_ADVERTISERS} advertisers")
        update = AdvertiserUpdate(len(self._updates) + 1, change, self.clock.now())
        self._updates.append(update)
        return update

    def _settle(self) -> None:
        for update in self._updates:
            age = self.clock.now() - update.asked_at
            if update.status == "PENDING" and age >= _PENDING:
                update.status = "UPDATING"
            if update.status == "UPDATING" and age >= _UPDATING:
                self._apply(update)

    def _apply(self, update: AdvertiserUpdate) -> None:
        for advertiser in update.change.advertisers_to_remove:
            self._advertisers.pop((advertiser.type, advertiser.id), None)
        for advertiser in update.change.advertisers_to_add:
            self._put(advertiser, advertiser.id)
        update.status = "COMPLETED"

    def _put(self, advertiser: Advertiser, name: str) -> None:
        shown = advertiser.model_dump(mode="json", by_alias=True)
        kinds = {"DISPLAY": ["DISPLAY"], "SAS": ["SAS"]}.get(
            advertiser.type, ["SPONSORED_PRODUCTS", "SPONSORED_BRANDS"]
        )
        self._advertisers[advertiser.type, advertiser.id] = shown | {
            "name": name,
            "configuredAdvertiserTypes": kinds,
        }
