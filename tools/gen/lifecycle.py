"""`docs/reference/states.md`: which verb leads from which state to which."""

from __future__ import annotations

from fanfold.batches.lifecycle import BATCH_VERBS, BatchState, OperationState, Verb, operation_next

_HEAD = """# States and verbs

Generated from `fanfold.batches.lifecycle` by `make gen`; edit there.
What the words mean is in the [glossary](../glossary.md).
"""

_OPERATIONS = """
## An operation

The row is where it stands, the column what is done to it, the cell where that leads.
An empty cell is an illegal transition: it changes nothing and raises `IllegalTransition`.

"""

_BATCHES = """
## A batch

A batch's status is derived from its operations' counts and its flags.
The table says from which states a user may do what.

"""


def document() -> str:
    """Return the page."""
    return _HEAD + _OPERATIONS + _operations() + _BATCHES + _batches()


def _operations() -> str:
    verbs = [verb for verb in Verb if any(operation_next(state, verb) for state in OperationState)]
    rows = [[state, *(operation_next(state, verb) or "" for verb in verbs)] for state in OperationState]
    return _table(["", *verbs], rows)


def _batches() -> str:
    verbs = [verb for verb in Verb if verb in BATCH_VERBS]
    rows = [[state, *("yes" if state in BATCH_VERBS[verb] else "" for verb in verbs)] for state in BatchState]
    return _table(["", *verbs], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
