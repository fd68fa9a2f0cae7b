-- Workflows carry an aggregation of their results, in versions like their query, and where they were copied from.

alter table workflows add column aggregate text not null default '', add column origin text;
alter table workflow_versions add column aggregate text not null default '';
