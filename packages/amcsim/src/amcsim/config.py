"""What a simulator can be told. Built once at the edge and passed on; nothing reads the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from amcsim.sql.options import SqlOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """One simulator. Points that public sources leave open are options here, with the default they suggest.

    Durations are simulated seconds; `speed` divides those of executions, never token or link lifetimes.
    """

    instances: int = 12
    seed: int = 7
    speed: float = 1.0
    execution_seconds: float = 4.0
    compile_seconds: float = 0.5
    running_per_instance: int = 10
    running_per_account: int = 200
    token_seconds: int = 3600
    link_seconds: int = 600
    accept_any_login: bool = False
    wrapped_bodies: bool = False
    compile_mode: Literal["async", "sync"] = "async"
    zulu_window: Literal["strip", "reject"] = "strip"
    strict_sandbox: bool = False
    sql: SqlOptions = field(default_factory=SqlOptions)
    rows_per_file: int | None = None
    events_per_instance: int = 40_000
    data_until: date | None = None
    """First day without data; None means the day on which the simulator starts, so that yesterday is the
    last.
    """
    data_folder: Path | None = None
    """Where generated events are kept between runs; None keeps them in memory only."""
    compute_threads: int = 2

    def __post_init__(self) -> None:
        for name in ("instances", "speed", "events_per_instance", "compute_threads", "running_per_instance"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than 0")
        if self.execution_seconds < 0 or self.compile_seconds < 0:
            raise ValueError("execution_seconds and compile_seconds must not be negative")
