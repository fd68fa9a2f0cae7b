"""The accounts, logins and instances that one simulator offers; cheap for thousands, made without any
events.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from amcsim import noise


@dataclass(frozen=True, slots=True)
class Market:
    """A country's marketplace and the region that serves it."""

    country: str
    marketplace_id: str
    marketplace_name: str
    number: int
    """The number that stands for the marketplace within AMC's tables."""
    region: str
    aws_region: str
    currency: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Login:
    """One Login with Amazon client and the consent that its user gave."""

    client_id: str
    client_secret: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Account:
    """One AMC account; its id is what the AdvertiserId header carries."""

    account_id: str
    name: str
    market: Market
    login: Login


class CreationStatus(StrEnum):
    """How far an instance is; AMC also knows SUBMITTED, FAILED and, of old, SUCCEEDED."""

    REQUESTED = "REQUESTED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Creation:
    """When an instance was asked for, begun and ready."""

    asked_at: datetime
    begun_at: datetime
    ready_at: datetime

    def status(self, now: datetime) -> CreationStatus:
        """Return how far it is."""
        if now >= self.ready_at:
            return CreationStatus.COMPLETED
        return CreationStatus.IN_PROGRESS if now >= self.begun_at else CreationStatus.REQUESTED


@dataclass(frozen=True, slots=True)
class Instance:
    """One AMC instance with the make-up of its data."""

    instance_id: str
    ordinal: int
    name: str
    account: Account
    brands: tuple[str, ...]
    sandbox: bool
    size_percent: int
    subscriptions: tuple[str, ...] = field(default=())
    sponsored_only: bool = False
    """Whether it has advertisers of sponsored ads alone, and so no `dsp_…` table."""
    bucket: str | None = None
    aws_account_id: str | None = None
    advertiser_name: str | None = None
    """The name of its advertiser where it is not the account's."""
    creation: Creation | None = None
    """None for what was there from the start."""
    shared_with: tuple[str, ...] = ()
    """The ids of further accounts that show it as theirs."""

    @property
    def advertiser_types(self) -> tuple[str, ...]:
        """Whose data it holds."""
        return ("SPONSORED_ADS",) if self.sponsored_only else ("DISPLAY", "SPONSORED_ADS")

    @property
    def entities(self) -> tuple[str, ...]:
        """The ids of the accounts that reach it, its own first."""
        return (self.account.account_id, *self.shared_with)

    def status(self, now: datetime) -> CreationStatus:
        """Return whether it is ready."""
        return CreationStatus.COMPLETED if self.creation is None else self.creation.status(now)


MARKETS = (
    Market("US", "ATVPDKIKX0DER", "AMAZON.COM", 1, "na", "us-east-1", "USD", "America/New_York"),
    Market("DE", "A1PA6795UKMFR9", "AMAZON.DE", 4, "eu", "eu-west-1", "EUR", "Europe/Berlin"),
    Market("UK", "A1F83G8C2ARO7P", "AMAZON.CO.UK", 3, "eu", "eu-west-1", "GBP", "Europe/London"),
    Market("JP", "A1VC38T7YXB528", "AMAZON.CO.JP", 6, "fe", "us-west-2", "JPY", "Asia/Tokyo"),
    Market("CA", "A2EUQ1WTGCTBG2", "AMAZON.CA", 7, "na", "us-east-1", "CAD", "America/Toronto"),
    Market("FR", "A13V1IB3VIYZZH", "AMAZON.FR", 5, "eu", "eu-west-1", "EUR", "Europe/Paris"),
)
_HOUSES = (
    ("Northwind Home", ("Hearthline", "Lumora", "Cedar & Clay")),
    ("Alpenglow Outdoor", ("Ridgeback", "Tarnlight", "Summit Thread")),
    ("Kestrel Kitchen", ("Copperleaf", "Simmer & Co", "Oakpan")),
    ("Bluewater Beauty", ("Veloura", "Saltmist", "Fernday")),
    ("Juniper Pets", ("Pawsley", "Whiskerwood", "Fetchwell")),
    ("Volt & Vale", ("Ampere", "Quietcell", "Brightloop")),
    ("Marigold Baby", ("Tiny Harbor", "Nestling", "Softsprout")),
    ("Ironbark Tools", ("Gritforge", "Steadfast", "Torqline")),
)
INSTANCES_PER_ACCOUNT = 3
_SUBSCRIPTIONS = (
    ("PURCHASE_RETAIL_PROGRAM",),
    ("FLEXIBLE_SHOPPING_INSIGHTS", "AUDIENCE_SEGMENT_INSIGHTS"),
    (),
    ("AUDIENCE_SEGMENT_INSIGHTS",),
    (),
    ("PURCHASE_RETAIL_PROGRAM", "FLEXIBLE_SHOPPING_INSIGHTS", "AUDIENCE_SEGMENT_INSIGHTS"),
    (),
)
_SANDBOX_EVERY = 12
# up to so many of a thousand instances have from so many to so many percent of the usual events
_SIZES = ((400, 25, 65), (700, 65, 120), (880, 120, 220), (960, 220, 400), (1000, 400, 900))
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(slots=True)
class Roster:
    """Everything that can be addressed, by its id."""

    logins: tuple[Login, ...]
    accounts: dict[str, Account]
    instances: dict[str, Instance]
    next_ordinal: int
    """The place of the next instance; a place is given once, so that no id comes twice."""

    def of_account(self, account: Account) -> list[Instance]:
        """Return the instances of *account* in their stable order."""
        return [instance for instance in self.instances.values() if account.account_id in instance.entities]


def build_roster(
    *,
    instances: int,
    seed: int,
    logins: int = 1,
    sponsored_only_every: int | None = None,
    linked_buckets: bool = False,
    shared_instances: int = 0,
) -> Roster:
    """Return *instances* instances, three to an account; the accounts are dealt to the logins in turn, and
    the last account shows the first *shared_instances* too.
    """
    dealt = [_login(seed, number) for number in range(logins)]
    accounts = [
        _account(seed, number, dealt[number % logins])
        for number in range(-(-instances // INSTANCES_PER_ACCOUNT))
    ]
    listed = [
        _instance(
            seed,
            number,
            accounts[number // INSTANCES_PER_ACCOUNT],
            sponsored_only=sponsored_only_every is not None and (number + 1) % sponsored_only_every == 0,
            has_bucket=linked_buckets,
        )
        for number in range(instances)
    ]
    agency = accounts[-1]
    for number, instance in enumerate(listed[:shared_instances]):
        if instance.account is not agency:
            listed[number] = replace(instance, shared_with=(agency.account_id,))
    return Roster(
        logins=tuple(dealt),
        accounts={account.account_id: account for account in accounts},
        instances={instance.instance_id: instance for instance in listed},
        next_ordinal=instances,
    )


def new_instance(roster: Roster, account: Account, *, seed: int, creation: Creation) -> Instance:
    """Return an instance that is none of *roster* yet and never was."""
    number = roster.next_ordinal
    roster.next_ordinal += 1
    instance = _instance(seed, number, account, is_new=True)
    return replace(instance, creation=creation)


def _login(seed: int, number: int) -> Login:
    path: tuple[noise.PathPart, ...] = (number,) if number else ()
    return Login(
        client_id=f"amzn1.application-oa2-client.{noise.key(seed, 'client', *path):016x}",
        client_secret=f"amzn1.oa2-cs.v1.{noise.key(seed, 'secret', *path):016x}",
        refresh_token=f"Atzr|sim-{noise.key(seed, 'refresh', *path):016x}",
    )


def _account(seed: int, number: int, login: Login) -> Account:
    house, _ = _HOUSES[number % len(_HOUSES)]
    market = MARKETS[number % len(MARKETS)]
    account_id = "ENTITY" + _word(_CAPITALS, 13, seed, "account", number)
    series = number // len(_HOUSES)
    name = f"{house} {market.country}" + (f" {series + 1}" if series else "")
    return Account(account_id=account_id, name=name, market=market, login=login)


def _instance(
    seed: int,
    number: int,
    account: Account,
    *,
    sponsored_only: bool = False,
    has_bucket: bool = False,
    is_new: bool = False,
) -> Instance:
    _, brands = _HOUSES[(number // INSTANCES_PER_ACCOUNT) % len(_HOUSES)]
    place = number % INSTANCES_PER_ACCOUNT
    sandbox = not is_new and number % _SANDBOX_EVERY == _SANDBOX_EVERY - 1
    # one brand, two, or the whole house
    own = tuple(brands[(place + further) % len(brands)] for further in range(place + 1))
    label = "Sandbox" if sandbox else brands[place]
    return Instance(
        instance_id="amc" + _word(_LETTERS, 8, seed, "instance", number),
        ordinal=number,
        name=f"{account.name} - {label}",
        account=account,
        brands=own,
        sandbox=sandbox,
        size_percent=_size_percent(seed, number),
        subscriptions=() if is_new else _SUBSCRIPTIONS[number % len(_SUBSCRIPTIONS)],
        sponsored_only=sponsored_only,
        bucket=_bucket(seed, number, brands[place]) if has_bucket else None,
    )


def _bucket(seed: int, number: int, brand: str) -> str:
    plain = "".join(letter for letter in brand.lower() if letter.isalnum())
    return f"amc-{plain}-{_word(_LETTERS, 8, seed, 'bucket', number)}"


def _size_percent(seed: int, number: int) -> int:
    """Return how large an instance is: most are small, a few many times the middling one."""
    draw = noise.below(_SIZES[-1][0], seed, "magnitude", number)
    place = next(place for place, (upto, _, _) in enumerate(_SIZES) if draw < upto)
    upto, least, most = _SIZES[place]
    first = _SIZES[place - 1][0] if place else 0
    return least + (draw - first) * (most - least) // (upto - first)


def _word(alphabet: str, length: int, *path: noise.PathPart) -> str:
    return "".join(alphabet[noise.below(len(alphabet), *path, position)] for position in range(length))
