"""For tests of kinds and connectors: a context in memory, and the rules that every plug-in must keep."""

from fanfold.sdk.testing.conformance import connector_faults, kind_faults
from fanfold.sdk.testing.context import RecordingContext, RecordingSink, drive

__all__ = ["RecordingContext", "RecordingSink", "connector_faults", "drive", "kind_faults"]
