-- Tells which of some limit keys nothing can start on now, why, and until when.
select key, opens_at,
       case when l.probe_at > moment() then 'breaker' when l.blocked_until > moment() then 'blocked'
            when quiet_until(l.quiet_hours, moment()) is not null then 'quiet' else 'full' end as reason,
       (select error ->> 'message' from breakers b where b.key = l.key and opened_at is not null
         order by opened_at desc limit 1) as error
  from limits l left join limit_usage u using (key) cross join lateral key_opens_at(l, moment()) opens_at
 where key = any(:keys::text[]) and key_room(l, coalesce(u.running_count, 0), moment()) <= 0;
