"""Finds what a login reaches: account by account, one at a time, for probing side by side brings 429s.

Agencies see manager accounts in the list while a brand's instance hangs off its own entity; so accounts can
be named beside the listed ones, and to have no access to one is an answer and no fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fanfold.connectors.amc import model
from fanfold.connectors.amc.config import Region
from fanfold.connectors.amc.marketplaces import HOMES, country_of, marketplaces_of
from fanfold.connectors.amc.reading import Reading
from fanfold.kit.clock import Clock
from fanfold.sdk.discovery import (
    Access,
    AccountAddress,
    AskedAccount,
    DiscoveredInstance,
    Discovery,
    Trouble,
)
from fanfold.sdk.errors import Cause, Failure, Throttled

_LATE = Trouble(
    Cause.TIMEOUT,
    "The time was up before this account's turn.",
    "Discover again, and name fewer accounts.",
)
_LONGEST_REST = timedelta(seconds=30)
_UNASKED = timedelta(seconds=2)


@dataclass(slots=True)
class _Tally:
    accounts: list[AskedAccount] = field(default_factory=list[AskedAccount])
    found: dict[str, DiscoveredInstance] = field(default_factory=dict[str, DiscoveredInstance])

    def take(self, address: AccountAddress, instances: Sequence[model.Instance], *, region: Region) -> None:
        """Keep what an account showed; an instance that another has shown gets one more owner."""
        for instance in instances:
            known = self.found.get(instance.instance_id)
            if known is None:
                self.found[instance.instance_id] = _discovered(instance, address, region=region)
            elif address not in known.owners:
                self.found[instance.instance_id] = replace(known, owners=(*known.owners, address))

    def result(self, trouble: Trouble | None = None, step: str | None = None) -> Discovery:
        return Discovery(tuple(self.accounts), tuple(self.found.values()), trouble, step)


class Discoverer:
    """One discovery over one login."""

    def __init__(self, amc: Reading, *, region: Region, clock: Clock, until: datetime) -> None:
        self._amc = amc
        self._region = region
        self._clock = clock
        self._until = until
        self._tally = _Tally()

    async def run(self, also: Sequence[AccountAddress]) -> Discovery:
        """Ask every account once; return what was found and what could not be."""
        step = "sign_in"
        listed: Sequence[model.Account] = ()
        trouble: Trouble | None = None
        try:
            await self._amc.sign_in()
            step = "accounts"
            listed = await self._amc.list_accounts()
        except Failure as failure:
            trouble = Trouble.of(failure)
            if step == "sign_in" or not also:
                return self._tally.result(trouble, step)
        for address in _once([*map(_address, listed), *also]):
            await self._ask(address)
        return self._tally.result(trouble, step if trouble else None)

    async def _ask(self, address: AccountAddress) -> None:
        if address.marketplace_id:
            guesses = [address]
        else:
            guesses = [
                replace(address, marketplace_id=marketplace) for marketplace in marketplaces_of(self._region)
            ]
        asked = [await self._asked(guess) for guess in guesses]
        # Of a guess at every marketplace, those without access tell nothing unless all of them are.
        told = [each for each in asked if each.access is not Access.NO_ACCESS]
        self._tally.accounts += told or [replace(asked[0], address=address)]

    async def _asked(self, address: AccountAddress) -> AskedAccount:
        if self._clock.now() >= self._until:
            return AskedAccount(address, Access.NOT_ASKED, trouble=_LATE)
        try:
            account = model.Account(address.account_id, address.name, address.marketplace_id)
            instances = await self._instances(account)
        except Failure as failure:
            refused = failure.cause is Cause.NO_ACCESS
            access = Access.NO_ACCESS if refused else Access.FAULT
            return AskedAccount(address, access, trouble=Trouble.of(failure))
        self._tally.take(address, instances, region=self._region)
        return AskedAccount(address, Access.LISTED, len(instances))

    async def _instances(self, account: model.Account) -> Sequence[model.Instance]:
        try:
            return await self._amc.list_instances(account)
        except Throttled as throttled:
            # The next account would be refused as well, so everyone rests.
            rest = min(throttled.after or _UNASKED, _LONGEST_REST, self._until - self._clock.now())
            await self._amc.rest(max(rest, timedelta()))
            return await self._amc.list_instances(account)


def _address(account: model.Account) -> AccountAddress:
    return AccountAddress(account.account_id, account.marketplace_id, account.account_name)


def _once(addresses: Sequence[AccountAddress]) -> list[AccountAddress]:
    """Leave out repeated accounts, and those without a marketplace that are listed with theirs."""
    first = {(each.account_id, each.marketplace_id): each for each in reversed(addresses)}
    placed = {account_id for account_id, marketplace_id in first if marketplace_id}
    ordered = [
        first[key] for key in dict.fromkeys((each.account_id, each.marketplace_id) for each in addresses)
    ]
    return [each for each in ordered if each.marketplace_id or each.account_id not in placed]


def _discovered(instance: model.Instance, address: AccountAddress, *, region: Region) -> DiscoveredInstance:
    return DiscoveredInstance(
        instance_id=instance.instance_id,
        name=instance.name or instance.instance_id,
        region=region.value,
        home=HOMES[region],
        owners=(address,),
        country=country_of(address.marketplace_id),
        customer=instance.customer,
        sandbox=instance.sandbox,
        tags=(
            *(f"advertiser:{each.lower()}" for each in instance.advertiser_types),
            *(f"dataset:{each.lower()}" for each in instance.datasets),
        ),
    )
