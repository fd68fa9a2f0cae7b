"""Lays what a login reaches beside the user's instances: what is new, changed, gone. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from fanfold.sdk.discovery import Access, AccountAddress, DiscoveredInstance, Discovery
from fanfold.targets.model import Details, Instance

OWN_TAGS = ("region:", "marketplace:", "account:", "advertiser:", "dataset:", "type:")
"""What the tags begin with that come from a discovery; all others are the user's and stay."""

_TAG_LENGTH, _NAME_LENGTH = 60, 200
_FACTS = ("account_id", "account_name", "marketplace_id", "sandbox", "tags")
_WORDING = ("name", "brands")


class Standing(StrEnum):
    """How a discovered instance and the user's instances compare."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ELSEWHERE = "elsewhere"
    """The user has it through another connection; it is left alone."""
    GONE = "gone"
    """Its account was listed and does not show it any more."""
    UNSEEN = "unseen"
    """Its account could not be listed, so nobody knows."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One instance, discovered or known, and how it stands."""

    standing: Standing
    details: Details
    """As it would be stored; as it is stored where nothing would change."""
    id: UUID | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict[str, tuple[Any, Any]])
    """By field: what it is, and what it would become."""
    owners: tuple[AccountAddress, ...] = ()
    connection_id: UUID | None = None
    """The connection that has it, where that is another."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What the user decides about what is brought in."""

    tags: tuple[str, ...] = ()
    """Given to every instance that is new or looked at again."""
    rename: bool = False
    """Whether names and brands follow AMC; else the user's stay."""


def sightings(
    discovery: Discovery, known: Sequence[Instance], *, connection_id: UUID, wording: Wording
) -> list[Sighting]:
    """Return everything that is discovered or known through the connection, new ones first, by name."""
    by_amc_id: dict[str, list[Instance]] = {}
    for instance in known:
        by_amc_id.setdefault(instance.details.instance_id, []).append(instance)
    found = [
        _sighting(seen, by_amc_id.get(seen.instance_id, []), connection_id=connection_id, wording=wording)
        for seen in discovery.instances
    ]
    discovered = {seen.instance_id for seen in discovery.instances}
    lost = [
        _missing(instance, discovery)
        for instance in known
        if instance.connection_id == connection_id and instance.details.instance_id not in discovered
    ]
    order = list(Standing)
    return sorted([*found, *lost], key=lambda each: (order.index(each.standing), each.details.name.lower()))


def accounts_of(known: Iterable[Instance]) -> list[AccountAddress]:
    """Return the accounts of instances, so that one which the login does not list is asked all the same."""
    addresses = {
        (each.details.account_id, each.details.marketplace_id): AccountAddress(
            each.details.account_id, each.details.marketplace_id, each.details.account_name
        )
        for each in known
    }
    return list(addresses.values())


def _sighting(
    seen: DiscoveredInstance, known: Sequence[Instance], *, connection_id: UUID, wording: Wording
) -> Sighting:
    own = [instance for instance in known if instance.connection_id == connection_id]
    if not known:
        details = _described(seen, seen.owners[0], wording=wording)
        return Sighting(Standing.NEW, details, owners=seen.owners)
    if not own:
        other = known[0]
        return Sighting(
            Standing.ELSEWHERE, other.details, other.id, owners=seen.owners, connection_id=other.connection_id
        )
    instance = own[0]
    before = instance.details
    after = _updated(before, _described(seen, _owner(seen, before), wording=wording), wording=wording)
    changes = _changes(before, after)
    standing = Standing.CHANGED if changes else Standing.UNCHANGED
    return Sighting(standing, after, instance.id, changes, seen.owners)


def _missing(instance: Instance, discovery: Discovery) -> Sighting:
    details = instance.details
    listed = {
        (each.address.account_id, each.address.marketplace_id)
        for each in discovery.accounts
        if each.access is Access.LISTED
    }
    is_gone = (details.account_id, details.marketplace_id) in listed
    return Sighting(Standing.GONE if is_gone else Standing.UNSEEN, details, instance.id)


def _owner(seen: DiscoveredInstance, before: Details) -> AccountAddress:
    """Return the account that the user's instance names, as long as it shows the instance."""
    address = (before.account_id, before.marketplace_id)
    same = (each for each in seen.owners if (each.account_id, each.marketplace_id) == address)
    return next(same, seen.owners[0])


def _described(seen: DiscoveredInstance, owner: AccountAddress, *, wording: Wording) -> Details:
    tags = [
        f"region:{seen.region}",
        f"marketplace:{(seen.country or owner.marketplace_id).lower()}",
        f"account:{owner.account_id}",
        f"type:{'sandbox' if seen.sandbox else 'standard'}",
        *seen.tags,
        *wording.tags,
    ]
    return Details(
        instance_id=seen.instance_id,
        name=seen.name[:_NAME_LENGTH],
        region=seen.home,
        account_id=owner.account_id,
        account_name=owner.name[:_NAME_LENGTH],
        marketplace_id=owner.marketplace_id,
        brands=(seen.customer[:_TAG_LENGTH],) if seen.customer else (),
        sandbox=seen.sandbox,
        tags=tuple(dict.fromkeys(tag[:_TAG_LENGTH] for tag in tags)),
    )


def _updated(before: Details, seen: Details, *, wording: Wording) -> Details:
    users = [tag for tag in before.tags if not tag.startswith(OWN_TAGS)]
    after = replace(
        before,
        account_id=seen.account_id,
        account_name=seen.account_name or before.account_name,
        marketplace_id=seen.marketplace_id,
        sandbox=seen.sandbox,
        tags=tuple(dict.fromkeys([*users, *seen.tags])),
    )
    return replace(after, name=seen.name, brands=seen.brands or before.brands) if wording.rename else after


def _changes(before: Details, after: Details) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    for name in (*_WORDING, *_FACTS):
        old, new = getattr(before, name), getattr(after, name)
        if set(old) != set(new) if name == "tags" else old != new:
            changes[name] = (old, new)
    return changes
