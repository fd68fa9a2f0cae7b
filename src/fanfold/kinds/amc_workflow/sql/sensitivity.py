"""Which columns AMC shows only in thick rows, or never (AMC developer guide, aggregation thresholds).

An instance's own tables may use the same names freely, so only AMC's tables count.
"""

from __future__ import annotations

from fanfold.kinds.amc_workflow.sql.catalogue import columns_of

NEVER_SHOWN = "VERY_HIGH"
THICK_ROWS = "HIGH"
_CLASSES = {"VERY_HIGH": NEVER_SHOWN, "INTERNAL": NEVER_SHOWN, "HIGH": THICK_ROWS}


def sensitivity(table: str, column: str) -> str | None:
    """Return `VERY_HIGH` (INTERNAL included: the rules are the same), `HIGH`, or None for everything else."""
    known = (columns_of(table) or {}).get(column.lower())
    return None if known is None else _CLASSES.get(known.threshold)
