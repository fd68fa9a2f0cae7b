-- How many days pass until people buy of the brand again.
SELECT least(days, 180), count(DISTINCT user_no)
FROM (
    SELECT user_no, unnest(list_transform(list_zip(days[:-2], days[2:]), lambda pair: pair[2] - pair[1])) AS days
    FROM (SELECT user_no, list_sort(list_distinct(list(ts::DATE))) AS days FROM did WHERE what = 'order' GROUP BY 1)
)
GROUP BY 1
