-- What was measured of DSP impressions: an impression that was measured and seen has a row for each.
SELECT
    e.* EXCLUDE (impressions, impression_cost, total_cost),
    e.impression_dt_utc + to_seconds(CASE WHEN e.event_type = 'VIEW' THEN 2 ELSE 1 END) AS event_dt_utc,
    e.request_tag AS impression_id,
    1 AS events,
    CASE WHEN e.event_type = 'MEASURABLE_IMP' THEN 1 ELSE 0 END AS measurable_impressions,
    CASE WHEN e.event_type = 'VIEW' THEN 1 ELSE 0 END AS viewable_impressions,
    CASE WHEN e.event_type IN ('UNMEASURABLE_IMP', 'SYNTHETIC_VIEW') THEN 1 ELSE 0 END
        AS unmeasurable_viewable_impressions,
    CASE WHEN e.event_type = 'VIEW' THEN 'MRC' END AS view_definition,
    e.campaign_start_date AS campaign_start_dt, e.campaign_start_date_utc AS campaign_start_dt_utc,
    e.line_item_start_date AS line_item_start_dt, e.line_item_start_date_utc AS line_item_start_dt_utc
FROM (
    SELECT
        i.*,
        unnest(CASE
            -- above the fold is seen more often
            WHEN i.__event_no % 5 < 3 AND drawn(i.__event_no, 60, 100) < 76 THEN ['MEASURABLE_IMP', 'VIEW']
            WHEN i.__event_no % 5 >= 3 AND drawn(i.__event_no, 60, 100) < 49 THEN ['MEASURABLE_IMP', 'VIEW']
            WHEN drawn(i.__event_no, 60, 100) < 91 THEN ['MEASURABLE_IMP']
            WHEN drawn(i.__event_no, 60, 100) < 95 THEN ['UNMEASURABLE_IMP']
            WHEN drawn(i.__event_no, 60, 100) < 97 THEN ['SYNTHETIC_VIEW']
        END) AS event_type
    FROM ({dsp_impressions}) i
) e
