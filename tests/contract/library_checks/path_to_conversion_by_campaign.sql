-- In which order buyers met the campaigns for the first time before they bought.
SELECT path, count(*), sum(sales)
FROM (
    SELECT user_no, any_value(sales) AS sales, printf('[%s]', list_aggregate(
        list_transform(list(campaign ORDER BY met, campaign), lambda name, place: printf('[%d, %s]', place, name)),
        'string_agg', ', ')) AS path
    FROM (
        SELECT user_no, campaign, min(ts) AS met
        FROM (SELECT user_no, campaign, ts FROM met UNION ALL SELECT user_no, campaign, ts FROM traffic)
        GROUP BY ALL
    )
    JOIN (SELECT user_no, min(ts) AS first, sum(price) AS sales FROM ordered GROUP BY 1) USING (user_no)
    WHERE met <= first
    GROUP BY 1
)
GROUP BY 1
