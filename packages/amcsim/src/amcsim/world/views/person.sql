-- The people of an instance: an opaque id, where they live, and one or no segment of each theme.
-- The first places hold most people; the first people, who see most, belong to more segments of the first theme.
SELECT *, list_filter(themes, lambda segment_id: segment_id IS NOT NULL) AS segment_ids
FROM (
    SELECT
        user_no,
        printf('%016x', code) AS user_id,
        -- the account of somebody who is known by a device or a browser is another id
        printf('%016x', CASE WHEN kind_no = 0 THEN code ELSE xor(code, CAST(6148914691236517205 AS UBIGINT)) END)
            AS account_id,
        CASE kind_no WHEN 0 THEN 'adUserId' WHEN 1 THEN 'sisDeviceId' ELSE 'adBrowserId' END AS user_id_type,
        market.country || '-' || chr(CAST(65 + place_no % 6 AS INTEGER)) || chr(CAST(75 + place_no % 5 AS INTEGER))
            AS iso_state_province_code,
        'City ' || (place_no + 1) AS city_name,
        CAST(10000 + 37 * place_no AS VARCHAR) AS postal_code,
        CAST(500 + place_no // 2 AS VARCHAR) AS dma_code,
        list_transform(
            [50, 45, 40, 35, 60, 50],
            lambda share, position: CASE
                WHEN drawn(user_no, 10 + position, 100)
                    < share + CASE WHEN position = 1 AND user_no * 4 < market.user_count THEN 30 ELSE 0 END
                    THEN CAST({first_segment_id} + {segment_id_step} * (
                        (position - 1) * 6
                        + least(drawn(user_no, 20 + position, 6), drawn(user_no, 30 + position, 6))
                    ) AS INTEGER)
            END
        ) AS themes
    FROM loaded
    CROSS JOIN market
)
