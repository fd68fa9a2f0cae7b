-- Forgets answers kept for repeated requests, marks of rates and sign-in links that no longer count.
with answers as (
    delete from idempotency_keys where created_at < moment() - interval '24 hours' returning 1
), marks as (
    delete from rate_marks where at < moment() - interval '24 hours' returning 1
), links as (
    delete from sign_in_links where expires_at < moment() - interval '24 hours' returning 1
)
select (select count(*) from answers) + (select count(*) from marks) + (select count(*) from links)
