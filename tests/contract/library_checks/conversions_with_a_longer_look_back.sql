-- How many orders came from people who were reached within so many weeks before the window as well.
SELECT count(DISTINCT o.user_no), count(*), sum(o.price)
FROM ordered o
WHERE EXISTS (FROM seen s WHERE s.user_no = o.user_no AND (inside(s.ts) OR inside(s.ts + INTERVAL 28 DAY)))
    AND NOT EXISTS (FROM seen s WHERE s.user_no = o.user_no AND s.ts > o.ts AND inside(s.ts))
