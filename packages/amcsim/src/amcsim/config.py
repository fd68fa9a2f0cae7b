"""What a simulator can be told. Built once at the edge and passed on; nothing reads the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from amcsim.choices import refuse_other_values
from amcsim.limits import Rate
from amcsim.options import ApiOptions
from amcsim.sql.options import SqlOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """One simulator. Points that public sources leave open are options here, with the default they suggest.

    Durations are simulated seconds; `speed` divides those of executions, never token or link lifetimes.
    """

    instances: int = 12
    """How many instances; three to an account, every twelfth a sandbox; thousands are cheap."""
    logins: int = 1
    """How many logins there are; the accounts are dealt to them in turn, and each lists only its own."""
    sponsored_only_every: int | None = None
    """Every how many-th instance has advertisers of sponsored ads alone: its `dsp_…` tables do not exist."""
    shared_instances: int = 0
    """How many instances, the first ones, the last account shows as well, as agencies' accounts do; clients
    have to tell by the id that they are the same.
    """
    linked_buckets: bool = False
    """Whether instances show a bucket and executions where in it their file stands; there is no bucket."""
    seed: int = 7
    """Same seed, same ids, same data."""
    speed: float = 1.0
    """Divides how long validation, runs and the delay of schedules take; `POST /_sim/speed` changes it."""
    execution_seconds: float = 4.0
    """A usual run; each takes 60 to 140 % of it."""
    compile_seconds: float = 0.5
    """How long validation takes."""
    schedule_delay_seconds: float = 21_600.0
    """How long after its nominal time a scheduled run may start; AMC delivers 6 to 7 hours later."""
    creation_seconds: float = 60.0
    """How long it takes to create an instance: requested for a fifth of it, then in progress."""
    running_per_instance: int = 10
    """How many executions run at a time in an instance; the rest wait as PENDING."""
    running_per_account: int = 200
    """How many run at a time over the instances of an account."""
    rates: tuple[Rate, ...] = ()
    """Token buckets per login, `reads=10/20` for ten calls a second and bursts of twenty; also `writes`,
    `creates` (of executions) and `tokens`. AMC has such buckets and does not publish their size.
    """
    token_seconds: int = 3600
    """How long an access token is good for."""
    link_seconds: int = 600
    """How long a download link is good for."""
    accept_any_login: bool = False
    """Takes any client id, secret and refresh token."""
    wrapped_bodies: bool = False
    """Wraps single items as the published specification does; recorded answers are flat."""
    compile_mode: Literal["async", "sync"] = "async"
    """When SQL is compiled: after the create, so that the execution ends REJECTED, or at once with a 400.
    Seen live: both, the first more recently.
    """
    zulu_window: Literal["strip", "reject"] = "strip"
    """`Z` at the end of a window's edge: ignored or a 400. Amazon's sample sends it, users report trouble."""
    strict_sandbox: bool = True
    """Rejects sandbox executions without `requireSyntheticData`, as the guide says, and others with it
    (inferred: their data are not synthetic).
    """
    api: ApiOptions = field(default_factory=ApiOptions)
    sql: SqlOptions = field(default_factory=SqlOptions)
    scenario: str | None = None
    """What goes wrong when: the name of a scenario that is shipped, or a YAML or JSON file."""
    rows_per_file: int | None = None
    """Splits results into several files, five at most, each with its header."""
    events_per_instance: int = 40_000
    """Events of a middling instance over 13 months; most have 25 to 220 % of it, a few 900 %."""
    data_until: date | None = None
    """First day without data; unless given, the day on which the simulator starts, so that yesterday is
    the last.
    """
    data_folder: Path | None = None
    """Where generated events are kept between runs."""
    compute_threads: int = 2
    """How many queries are computed at a time."""

    def __post_init__(self) -> None:
        for name in (
            "instances",
            "speed",
            "events_per_instance",
            "compute_threads",
            "running_per_instance",
            "running_per_account",
            "logins",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than 0")
        if self.sponsored_only_every is not None and self.sponsored_only_every < 1:
            raise ValueError("sponsored_only_every must be greater than 0")
        durations = ("execution_seconds", "compile_seconds", "schedule_delay_seconds", "creation_seconds")
        for name in (*durations, "shared_instances"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        refuse_other_values(self)
