"""The kinds of workflows: `amc.workflow` runs one on an instance, `amc.workflow.sync` saves it there."""

from fanfold.kinds.amc_workflow.kind import AmcWorkflow
from fanfold.kinds.amc_workflow.saving import AmcWorkflowSync

__all__ = ["AmcWorkflow", "AmcWorkflowSync"]
