-- One row per conversion, of people who had met an advertisement in the 28 days before it and of all others.
SELECT
    *,
    CASE WHEN __exposed THEN 'ad-exposed' ELSE 'non-ad-exposed' END AS exposure_type,
    'retail' AS event_source,
    __marketplace_no AS marketplace_id
FROM ({shopped})
