-- One row per conversion, of people who had met an advertisement in the 28 days before it and of all others.
SELECT
    *,
    CASE
        WHEN event_category = 'off-Amazon' THEN 'pixel'
        WHEN __exposed THEN 'ad-exposed'
        ELSE 'non-ad-exposed'
    END AS exposure_type,
    CASE WHEN event_category = 'off-Amazon' THEN 'pixel' ELSE 'retail' END AS event_source,
    conversion_event_source_name AS conversion_event_source,
    __marketplace_no AS marketplace_id
FROM ({shopped})
