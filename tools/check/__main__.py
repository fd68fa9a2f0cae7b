"""Run every house rule over the checkout; exit with 1 when one is broken."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tools.check import addresses, drivers, names, sizes, sleeps, statements, waivers
from tools.check.tree import Finding, Tree

RULES: Mapping[str, Callable[[Tree], Iterable[Finding]]] = {
    "addresses": addresses.check,
    "drivers": drivers.check,
    "names": names.check,
    "sizes": sizes.check,
    "sleeps": sleeps.check,
    "statements": statements.check,
    "waivers": waivers.check,
}


def main() -> int:
    """Print every finding, the fatal ones last, and return the exit code."""
    tree = Tree.of_checkout(Path(__file__).parents[2])
    findings = [(name, finding) for name, rule in RULES.items() for finding in rule(tree)]
    for name, finding in sorted(findings, key=lambda found: found[1].rank):
        print(f"{finding} [{name}]")
    fatal = sum(finding.fatal for _, finding in findings)
    print(f"house rules: {len(tree.paths)} files, {fatal} broken, {len(findings) - fatal} to look at again")
    return 1 if fatal else 0


if __name__ == "__main__":
    sys.exit(main())
