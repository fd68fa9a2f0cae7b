-- Tells when the quiet hours end in which this moment lies; null outside them.
select quiet_until(:hours::jsonb, moment());
