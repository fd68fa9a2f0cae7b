"""What a run of chaos proved, as numbers: lost, duplicated, over limit, and how long the recovery took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fanfold.batches.model import Batch
from tests.chaos.auditor import Finding, audit
from tests.chaos.history import History, read_history
from tests.chaos.stage import Stage


@dataclass(frozen=True, slots=True)
class Figures:
    """One run."""

    what: str
    operations: int
    kills: int
    lost: int
    duplicated: int
    over_limit: int
    recovery_seconds: float
    """From the last death, after which a worker that waited goes on, until nothing was held by the dead."""
    findings: Sequence[Finding] = field(default=(), repr=False)

    @property
    def clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.duplicated or self.over_limit or self.findings)

    def row(self) -> tuple[str, ...]:
        """Return the cells of the summary's table."""
        numbers = (self.operations, self.kills, self.lost, self.duplicated, self.over_limit)
        return (self.what, *map(str, numbers), f"{self.recovery_seconds:.1f}")


HEADINGS = ("what", "operations", "kills", "lost", "duplicated", "over limit", "recovery s")


async def figures(
    stage: Stage, batch: Batch, what: str, *, deaths: Sequence[datetime] = (), max_parallel: int = 10
) -> Figures:
    """Count what became of *batch*. What was submitted is submitted anew only if AMC let it fail."""
    history = await read_history(stage.url)
    counts = stage.remote.counts(batch)
    findings = audit(history)
    operations = [row for row in history.operations if row["batch_id"] == batch.id]
    ended = [row for row in operations if row["status"] not in {"pending", "running"}]
    begun = sum(row["attempt_count"] > 0 for row in operations)
    over = [finding for finding in findings if finding.promise == 3]
    return Figures(
        what,
        operations=len(operations),
        kills=len(deaths),
        lost=batch.counts.total - len(ended),
        duplicated=max(0, counts["submissions"] - begun - counts["failed"]),
        over_limit=len(over) + max(0, counts["peak_running"] - max_parallel),
        recovery_seconds=recovery_seconds(history, deaths[-1]) if deaths else 0.0,
        findings=findings,
    )


def recovery_seconds(history: History, death: datetime) -> float:
    """Return the time from a death until all that had died with it was given back."""
    rescues = [row["finished_at"] for row in history.attempts if row["state"] == "lost"]
    return max(((moment - death).total_seconds() for moment in rescues if moment > death), default=0.0)


def table(rows: Iterable[Figures]) -> str:
    """Return the summary as a Markdown table."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *(row.row() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
