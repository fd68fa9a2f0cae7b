-- Takes back 0020.

alter table workflow_versions drop column aggregate;
alter table workflows drop column aggregate, drop column origin;
