-- In which order people first met the ad products, with how many of them bought.
SELECT path, count(*), count(*) FILTER (user_no IN (SELECT user_no FROM ordered))
FROM (
    SELECT user_no, printf('[%s]', list_aggregate(list_transform(list(product ORDER BY first, product),
        lambda name, place: printf('[%d, %s]', place, name)), 'string_agg', ', ')) AS path
    FROM (
        SELECT user_no, product, min(ts) AS first
        FROM (SELECT user_no, 'display' AS product, ts FROM met UNION ALL SELECT user_no, ad_product_type, ts FROM traffic)
        WHERE user_no IS NOT NULL GROUP BY ALL
    )
    GROUP BY 1
)
GROUP BY 1
