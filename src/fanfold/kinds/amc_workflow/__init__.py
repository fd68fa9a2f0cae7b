"""The kinds of AMC: one runs a workflow, `.sync` saves it there, `amc.result.fetch` fetches rows again."""

from fanfold.kinds.amc_workflow.fetching import AmcResultFetch
from fanfold.kinds.amc_workflow.kind import AmcWorkflow
from fanfold.kinds.amc_workflow.saving import AmcWorkflowSync

__all__ = ["AmcResultFetch", "AmcWorkflow", "AmcWorkflowSync"]
