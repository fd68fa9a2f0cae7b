"""What a measurement returns, how it is printed, and how it is kept in RESULTS.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from benchmarks.form import Form

RESULTS = Path(__file__).parent / "RESULTS.md"
LIBRARIES = (
    "fanfold",
    "asyncpg",
    "duckdb",
    "pyarrow",
    "fastapi",
    "uvicorn",
    "pgqueuer",
    "procrastinate",
    "psycopg",
    "dbos",
    "celery",
    "dramatiq",
    "redis",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table: whose, what, how much."""

    who: str
    what: str
    value: float
    unit: str
    ratio: float | None = None
    """Ours divided by theirs where more is better, theirs by ours where less is better."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One promise measured once."""

    name: str
    promise: str
    figures: Sequence[Figure]
    remark: str = ""


def ratios(figures: Iterable[Figure], *, us: str, more_is_better: bool) -> list[Figure]:
    """Fill in, for every figure of the same `what`, how we stand beside it."""
    figures = list(figures)
    ours = {figure.what: figure.value for figure in figures if figure.who == us}
    filled: list[Figure] = []
    for figure in figures:
        mine = ours.get(figure.what)
        ratio = None
        if mine and figure.value and figure.who != us:
            ratio = mine / figure.value if more_is_better else figure.value / mine
        filled.append(Figure(figure.who, figure.what, figure.value, figure.unit, ratio))
    return filled


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which *share* of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return median(values)


def as_text(measurement: Measurement) -> str:
    """Return the measurement as a Markdown section."""
    lines = [f"### {measurement.name}", "", f"Promise: {measurement.promise}", ""]
    lines += ["| who | what | value | we are |", "|---|---|---|---|"]
    for figure in measurement.figures:
        ratio = f"{figure.ratio:.2f}×" if figure.ratio is not None else ""
        lines.append(f"| {figure.who} | {figure.what} | {figure.value:,.4g} {figure.unit} | {ratio} |")
    if measurement.remark:
        lines += ["", measurement.remark]
    return "\n".join(lines) + "\n"


def keep(measurements: Sequence[Measurement], form: Form) -> None:
    """Append a run to RESULTS.md, with its form, the machine, the date and the versions."""
    shortened = "" if form is Form.FULL else f", {form} form"
    head = f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC{shortened}\n\n{_machine()}\n\n"
    with RESULTS.open("a") as file:
        file.write(head + "\n".join(as_text(measurement) for measurement in measurements))


def _machine() -> str:
    installed = []
    for library in LIBRARIES:
        try:
            installed.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            continue
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {system}, load before {load}; {', '.join(installed)}."
