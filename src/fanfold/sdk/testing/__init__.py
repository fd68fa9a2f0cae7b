"""For tests of kinds and connectors: a context in memory, and the rules that every plug-in must keep.

`kind_faults` and `connector_faults` look at what is declared,
`run_faults` and `connection_faults` try it out.
"""

from fanfold.sdk.testing.conformance import connection_faults, connector_faults, kind_faults
from fanfold.sdk.testing.context import RecordingContext, RecordingSink, drive
from fanfold.sdk.testing.rehearsal import Rehearsal, run_faults

__all__ = [
    "RecordingContext",
    "RecordingSink",
    "Rehearsal",
    "connection_faults",
    "connector_faults",
    "drive",
    "kind_faults",
    "run_faults",
]
