-- Undoes 0002.

drop table workflow_versions, workflows, amc_instances;
