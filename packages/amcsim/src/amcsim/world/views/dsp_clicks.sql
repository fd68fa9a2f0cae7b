-- One row per DSP click, with the impression it followed.
SELECT
    i.* EXCLUDE (impressions, impression_cost, total_cost, third_party_fees, managed_service_fee, ocm_fee),
    i.__click_ts AS click_dt_utc,
    1 AS clicks,
    i.impression_cost * 1000 AS click_cost
FROM ({dsp_impressions}) i
WHERE i.__clicked
