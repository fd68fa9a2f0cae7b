"""One simulator: everything it is made of, built once and handed to the routes."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

from amcsim.advertisers import AdvertiserBook
from amcsim.audiences.book import AudienceBook
from amcsim.audiences.model import Audience
from amcsim.audiences.partners import PartnerBook
from amcsim.clock import Clock, MovableClock, SystemClock
from amcsim.config import SimulatorConfig
from amcsim.engine import DuckdbEngine
from amcsim.errors import Throttled
from amcsim.executions.ledger import Ledger
from amcsim.executions.model import Execution, ExecutionRequest
from amcsim.executions.runner import Runner
from amcsim.executions.submission import scheduled_request
from amcsim.faults.plan import FaultPlan
from amcsim.instances import InstanceBook
from amcsim.limits import Buckets, Limits, Traffic
from amcsim.links import LinkBook
from amcsim.login import TokenIssuer
from amcsim.roster import Instance, Roster, build_roster
from amcsim.scenarios.library import load_scenario
from amcsim.scenarios.player import Player
from amcsim.schedules import Schedule, ScheduleBook
from amcsim.stats import Stats
from amcsim.workflows import WorkflowBook


class Simulation:
    """The state of one simulator; it lives and dies with its process."""

    def __init__(
        self, config: SimulatorConfig, *, clock: Clock | None = None, engine: DuckdbEngine | None = None
    ) -> None:
        self.config = config
        self.clock = MovableClock(clock or SystemClock())
        self.roster = _roster(config)
        self.instances = InstanceBook(self.roster, seed=config.seed, creation_seconds=config.creation_seconds)
        self.tokens = TokenIssuer(
            self.roster, self.clock, lifetime_seconds=config.token_seconds, accept_any=config.accept_any_login
        )
        self.faults = FaultPlan(self.clock, seed=config.seed)
        self.stats = Stats()
        self.ledger = Ledger()
        self.links = LinkBook(self.clock, lifetime_seconds=config.link_seconds)
        self._results = tempfile.TemporaryDirectory(prefix="amcsim-", ignore_cleanup_errors=True)
        self.engine = engine or DuckdbEngine(config, self.clock, results=Path(self._results.name))
        self.limits = Limits(
            config.running_per_instance,
            config.running_per_account,
            Buckets(self.clock, config.rates),
        )
        self.runner = Runner(
            config,
            self.clock,
            engine=self.engine,
            faults=self.faults,
            stats=self.stats,
            limits=self.limits,
        )
        self.calls: Counter[str] = Counter()
        self._workflows: defaultdict[str, WorkflowBook] = defaultdict(WorkflowBook)
        self._schedules: defaultdict[str, ScheduleBook] = defaultdict(ScheduleBook)
        self._advertisers: dict[str, AdvertiserBook] = {}
        self._audiences: dict[str, AudienceBook] = {}
        self._partners: dict[str, PartnerBook] = {}
        self.player = Player(self)
        if config.scenario is not None:
            self.player.start(load_scenario(config.scenario))

    def workflows_of(self, instance: Instance) -> WorkflowBook:
        """Return the saved workflows of *instance*."""
        return self._workflows[instance.instance_id]

    def schedules_of(self, instance: Instance) -> ScheduleBook:
        """Return the schedules of *instance*."""
        return self._schedules[instance.instance_id]

    def advertisers_of(self, instance: Instance) -> AdvertiserBook:
        """Return the advertisers of *instance*."""
        if instance.instance_id not in self._advertisers:
            self._advertisers[instance.instance_id] = AdvertiserBook(instance, self.clock)
        return self._advertisers[instance.instance_id]

    def audiences_of(self, instance: Instance) -> AudienceBook:
        """Return the rule-based audiences of *instance*."""
        if instance.instance_id not in self._audiences:
            self._audiences[instance.instance_id] = AudienceBook(instance, self._run_audience)
        return self._audiences[instance.instance_id]

    def partner(self, client_id: str) -> PartnerBook:
        """Return what the login *client_id* keeps for its own audiences, and whether it agreed to terms."""
        if client_id not in self._partners:
            accepted = self.config.api.terms == "accepted"
            self._partners[client_id] = PartnerBook(client_id, accepted)
        return self._partners[client_id]

    def delete(self, instance: Instance) -> None:
        """Remove an instance with all that it holds; what runs there is cancelled."""
        self.instances.delete(instance)
        for held in (self._workflows, self._schedules, self._advertisers, self._audiences):
            held.pop(instance.instance_id, None)
        self.runner.cancel_all(instance.instance_id)

    def submit(self, request: ExecutionRequest, *, nominal: datetime | None = None) -> Execution:
        """Accept an execution and remember it; a scheduled one is as old as its *nominal* time."""
        execution = self.runner.submit(str(uuid.uuid4()), request, nominal=nominal)
        self.ledger.add(execution)
        return execution

    def take_token(self, login: str, traffic: Traffic) -> None:
        """Take a token of the bucket of *login*; raises Throttled."""
        wait = self.limits.buckets.take(login, traffic)
        if wait is not None:
            raise Throttled(wait if self.config.api.retry_after == "seconds" else None)

    def count_call(self, name: str) -> None:
        """Count a call of an operation, whatever becomes of it."""
        self.calls[name] += 1

    def advance(self) -> None:
        """Do everything that is due now: scenarios, then schedules, then executions."""
        now = self.clock.now()
        self.player.advance(now)
        for instance_id, book in list(self._schedules.items()):
            for schedule, nominal in book.take_due(now):
                self._run_scheduled(self.roster.instances[instance_id], schedule, nominal)
        for audiences in self._audiences.values():
            audiences.advance(now)
        self.runner.advance()

    def planned(self) -> list[tuple[str, Schedule, datetime | None]]:
        """Return every schedule with its instance and when it runs next, None while it is switched off."""
        return [
            (instance_id, schedule, book.next_of(schedule.schedule_id))
            for instance_id, book in self._schedules.items()
            for schedule in book.listed(None)
        ]

    def audiences(self) -> list[Audience]:
        """Return every rule-based audience, the newest first."""
        everything = [audience for book in self._audiences.values() for audience in book.listed()]
        return sorted(everything, key=lambda audience: audience.run.ordinal, reverse=True)

    def stir(self) -> None:
        """Have everything looked at again, because something changed."""
        self.runner.stir()

    async def run(self) -> None:
        """Keep everything moving while nobody looks; ends when cancelled."""
        while True:
            self.runner.changed.clear()
            self.advance()
            try:
                async with asyncio.timeout(self._seconds_to_next()):
                    await self.runner.changed.wait()
            except TimeoutError:
                continue

    def _seconds_to_next(self) -> float:
        now = self.clock.now()
        nexts = [self.player.next_at(), *(book.next_at() for book in self._schedules.values())]
        planned = [moment for moment in nexts if moment is not None]
        waits = [max(0.0, (moment - now).total_seconds()) for moment in planned]
        return min([self.runner.seconds_to_next(), *waits])

    def _run_scheduled(self, instance: Instance, schedule: Schedule, nominal: datetime) -> None:
        workflow = self.workflows_of(instance).find(schedule.workflow_id)
        if workflow is not None:
            self.submit(
                scheduled_request(schedule, workflow, instance=instance, nominal=nominal), nominal=nominal
            )

    def _run_audience(self, request: ExecutionRequest) -> Execution:
        return self.runner.submit(str(uuid.uuid4()), request)

    def close(self) -> None:
        """Stop computing and delete the result files."""
        self.runner.close()
        self._results.cleanup()


def _roster(config: SimulatorConfig) -> Roster:
    return build_roster(
        instances=config.instances,
        seed=config.seed,
        logins=config.logins,
        sponsored_only_every=config.sponsored_only_every,
        linked_buckets=config.linked_buckets,
        shared_instances=config.shared_instances,
    )
