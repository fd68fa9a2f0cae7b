"""`python -m benchmarks [NAME …] [--keep]`: measure the named promises, or all; --keep writes RESULTS.md."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import uvloop

from benchmarks.figures import Measurement, as_text, keep

HERE = Path(__file__).parent


async def main(names: Sequence[str], *, kept: bool) -> None:
    """Run one after the other, so that none disturbs another."""
    known = [*sorted(path.stem for path in HERE.glob("p[0-9]*_*.py")), "driver_choice"]
    for unknown in set(names) - set(known):
        sys.exit(f"There is no measurement {unknown}; there are: {', '.join(known)}.")
    measured: list[Measurement] = []
    for name in names or known:
        module = import_module(f"benchmarks.{name}")
        async for measurement in module.measure():
            print(as_text(measurement), flush=True)
            measured.append(measurement)
    if kept:
        keep(measured)


if __name__ == "__main__":
    uvloop.run(main([word for word in sys.argv[1:] if word != "--keep"], kept="--keep" in sys.argv))
