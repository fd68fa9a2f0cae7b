"""`python -m benchmarks [NAME …] [--full|--short|--trial] [--keep]`: measure the named promises, or all.

Named ones run in full, all of them in their short form; --keep appends the figures to RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import uvloop

from benchmarks.figures import Measurement, as_text, keep
from benchmarks.form import Form

HERE = Path(__file__).parent
BY_NAME_ONLY = ("soak",)
"""Too long to be run with all the others."""


def known() -> list[str]:
    """Return the names of all measurements, in the order in which they run."""
    promises = (path.stem for path in HERE.glob("p[0-9]*_*.py"))
    return [*sorted(promises, key=lambda name: int(name.split("_")[0][1:])), "driver_choice"]


async def main(names: Sequence[str], *, form: Form, kept: bool) -> None:
    """Run one after the other, so that none disturbs another."""
    measured: list[Measurement] = []
    for name in names:
        module = import_module(f"benchmarks.{name}")
        async for measurement in module.measure(form):
            print(as_text(measurement), flush=True)
            measured.append(measurement)
    if kept:
        keep(measured, form)


def asked(arguments: Sequence[str]) -> tuple[list[str], Form, bool]:
    """Read the command line: which measurements, in which form, and whether to keep their figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known()))
    parser.add_argument("--keep", action="store_true", help="append the figures to RESULTS.md")
    forms = parser.add_mutually_exclusive_group()
    for form in Form:
        forms.add_argument(f"--{form}", dest="form", action="store_const", const=form)
    given = parser.parse_args(arguments)
    there_are = [*known(), *BY_NAME_ONLY]
    if unknown := sorted(set(given.names) - set(there_are)):
        parser.error(f"there is no measurement {', '.join(unknown)}; there are: {', '.join(there_are)}")
    form = given.form or (Form.FULL if given.names else Form.SHORT)
    if given.keep and form is Form.TRIAL:
        parser.error("a trial's figures mean nothing and are not kept")
    return given.names or known(), form, given.keep


if __name__ == "__main__":
    chosen, size, keeping = asked(sys.argv[1:])
    uvloop.run(main(chosen, form=size, kept=keeping))
