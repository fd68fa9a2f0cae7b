"""One simulator: everything it is made of, built once and handed to the routes."""

from __future__ import annotations

import tempfile
import uuid
from collections import defaultdict
from pathlib import Path

from amcsim.clock import Clock, SystemClock
from amcsim.config import SimulatorConfig
from amcsim.engine import DuckdbEngine
from amcsim.executions.ledger import Ledger
from amcsim.executions.model import Execution, ExecutionRequest
from amcsim.executions.runner import Runner
from amcsim.faults.plan import FaultPlan
from amcsim.links import LinkBook
from amcsim.login import TokenIssuer
from amcsim.roster import Instance, build_roster
from amcsim.stats import Stats
from amcsim.workflows import WorkflowBook


class Simulation:
    """The state of one simulator; it lives and dies with its process."""

    def __init__(
        self, config: SimulatorConfig, *, clock: Clock | None = None, engine: DuckdbEngine | None = None
    ) -> None:
        self.config = config
        self.clock: Clock = clock or SystemClock()
        self.roster = build_roster(instances=config.instances, seed=config.seed)
        self.tokens = TokenIssuer(
            self.roster, self.clock, lifetime_seconds=config.token_seconds, accept_any=config.accept_any_login
        )
        self.faults = FaultPlan()
        self.stats = Stats()
        self.ledger = Ledger()
        self.links = LinkBook(self.clock, lifetime_seconds=config.link_seconds)
        self._results = tempfile.TemporaryDirectory(prefix="amcsim-", ignore_cleanup_errors=True)
        self.engine = engine or DuckdbEngine(config, self.clock, results=Path(self._results.name))
        self.runner = Runner(config, self.clock, engine=self.engine, faults=self.faults, stats=self.stats)
        self._workflows: defaultdict[str, WorkflowBook] = defaultdict(WorkflowBook)

    def workflows_of(self, instance: Instance) -> WorkflowBook:
        """Return the saved workflows of *instance*."""
        return self._workflows[instance.instance_id]

    def submit(self, request: ExecutionRequest) -> Execution:
        """Accept an execution and remember it."""
        execution = self.runner.submit(str(uuid.uuid4()), request)
        self.ledger.add(execution)
        return execution

    def close(self) -> None:
        """Stop computing and delete the result files."""
        self.runner.close()
        self._results.cleanup()
