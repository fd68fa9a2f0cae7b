"""The kind `amc.workflow`: one parameterised AMC SQL workflow, run on one instance."""

from fanfold.kinds.amc_workflow.kind import AmcWorkflow

__all__ = ["AmcWorkflow"]
