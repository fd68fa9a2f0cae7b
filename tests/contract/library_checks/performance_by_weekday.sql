-- On which days of the week sponsored ads are clicked, and at which price.
SELECT isodow(ts) % 7 + 1, dayname(ts), count(*) FILTER (NOT is_click), count(*) FILTER (is_click),
    sum(microcents) / 1e8
FROM traffic GROUP BY 1, 2
