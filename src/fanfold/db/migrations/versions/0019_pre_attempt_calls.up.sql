-- Every call that an attempt made to a remote side, the first and the latest of them: what support is asked with.

create table attempt_calls (
    attempt_id bigint not null references attempts on delete cascade,
    number integer not null,
    at timestamptz not null,
    step text not null,
    method text not null,
    path text not null,
    -- No status: no answer came.
    status integer,
    duration_ms integer not null,
    request_id text,
    error text,
    primary key (attempt_id, number)
);

grant select on attempt_calls to fanfold_api;
grant select, insert, update, delete on attempt_calls to fanfold_worker;

alter table attempt_calls enable row level security;
create policy attempt_calls_of_their_user on attempt_calls for select to fanfold_api
    using (exists (select from attempts a where a.id = attempt_id));
create policy attempt_calls_for_the_service on attempt_calls to fanfold_worker using (true) with check (true);
