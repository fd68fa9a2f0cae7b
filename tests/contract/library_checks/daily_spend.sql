-- What display and sponsored ads cost on each day.
SELECT d, m.cost, t.cost, m.cost + t.cost
FROM (SELECT ts::DATE AS d, sum(millicents) * 1.14e-5 AS cost FROM met GROUP BY 1) m
JOIN (SELECT ts::DATE AS d, sum(microcents) * 1e-8 AS cost FROM traffic GROUP BY 1) t USING (d)
