-- How many people a campaign met before, during and after an event, in which mix of phases.
/*
key: phase-overlap
name: Overlap of three phases
tags: [library, overlap, time]
parameters:
  event_start:
    type: DATE
    default: '2026-07-07'
    description: First day of the event.
  event_end:
    type: DATE
    default: '2026-07-10'
    description: Last day of the event.
tables: [dsp_impressions]
*/
WITH phases AS (
    SELECT
        user_id,
        CASE
            WHEN impression_date_utc < CUSTOM_PARAMETER('event_start') THEN '1 lead-up'
            WHEN impression_date_utc <= CUSTOM_PARAMETER('event_end') THEN '2 event'
            ELSE '3 lead-out'
        END AS phase
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY 1, 2
),
people AS (
    SELECT user_id, ARRAY_SORT(COLLECT(DISTINCT phase)) AS phases
    FROM phases
    GROUP BY user_id
)
SELECT ARRAY_TO_STRING(phases, ' > ') AS phases, COUNT(DISTINCT user_id) AS reach
FROM people
GROUP BY 1
