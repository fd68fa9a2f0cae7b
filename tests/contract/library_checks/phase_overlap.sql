-- How many people a campaign met before, during and after an event, in which mix of phases.
SELECT trim(concat_ws(' > ', CASE WHEN before THEN '1 lead-up' END, CASE WHEN during THEN '2 event' END,
    CASE WHEN after THEN '3 lead-out' END)), count(*)
FROM (
    SELECT user_no, bool_or(ts < '2026-07-07') AS before, bool_or(ts >= '2026-07-07' AND ts < '2026-07-11') AS during,
        bool_or(ts >= '2026-07-11') AS after
    FROM met WHERE user_no IS NOT NULL GROUP BY 1
)
GROUP BY 1
