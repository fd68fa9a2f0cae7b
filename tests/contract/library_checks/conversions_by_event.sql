-- What people did after they met an advertisement, by category and kind of event.
SELECT category, what, count(*), count(DISTINCT user_no), sum(CASE WHEN what = 'order' THEN price ELSE 0 END)
FROM did WHERE exposed GROUP BY ALL
