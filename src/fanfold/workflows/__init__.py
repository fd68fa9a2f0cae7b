"""AMC workflows and the contract of seed A."""

from fanfold.workflows.batch_execution import BatchExecutionService

__all__ = ["BatchExecutionService"]
