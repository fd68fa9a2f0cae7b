-- Who uses Fanfold, what they may reach, and the two functions that every table leans on: the clock and the actor.

-- One clock. A test sets fanfold.moment; production leaves it empty.
create function moment() returns timestamptz language sql stable parallel safe as
$$ select coalesce(nullif(current_setting('fanfold.moment', true), '')::timestamptz, now()) $$;

-- Whom the session acts for; null for nobody, and then row-level security shows nothing.
create function acting_user() returns uuid language sql stable parallel safe as
$$ select nullif(current_setting('fanfold.user_id', true), '')::uuid $$;

create table users (
    id uuid primary key,
    username text not null unique,
    display_name text not null,
    password_hash text,
    role text not null default 'member' check (role in ('admin', 'member')),
    disabled_at timestamptz,
    created_at timestamptz not null default now()
);

create table sign_in_links (
    code_hash bytea primary key,
    user_id uuid not null references users on delete cascade,
    expires_at timestamptz not null,
    used_at timestamptz
);

create table secrets (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    purpose text not null,
    sealed bytea not null,
    created_at timestamptz not null default now()
);

create table connections (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    connector text not null,
    name text not null,
    config jsonb not null default '{}',
    secret_id uuid references secrets on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (user_id, name)
);

create table audit (
    id bigint generated always as identity primary key,
    user_id uuid,
    action text not null,
    object text not null,
    detail jsonb,
    at timestamptz not null default moment()
);

create table idempotency_keys (
    user_id uuid not null,
    key text not null,
    request_hash bytea not null,
    response jsonb,
    status_code integer,
    created_at timestamptz not null default moment(),
    primary key (user_id, key)
);
