-- AMC instances and workflows: what a batch of kind amc.workflow runs, and where.

create table amc_instances (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    connection_id uuid not null references connections on delete restrict,
    instance_id text not null,
    name text not null,
    region text not null,
    account_id text not null,
    account_name text not null default '',
    marketplace_id text not null,
    brands text[] not null default '{}',
    sandbox boolean not null default false,
    tags text[] not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (user_id, instance_id, account_id)
);
create index amc_instances_name on amc_instances (user_id, name, id);

create table workflows (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    key text not null,
    name text not null,
    description text not null default '',
    version integer not null default 1,
    sql_query text not null,
    parameters jsonb not null default '[]',
    tags text[] not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (user_id, key)
);

create table workflow_versions (
    workflow_id uuid not null references workflows on delete cascade,
    version integer not null,
    sql_query text not null,
    parameters jsonb not null,
    created_at timestamptz not null default now(),
    primary key (workflow_id, version)
);
