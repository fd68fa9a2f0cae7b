-- What each campaign earned if an advertisement counts half after every so many days.
WITH halved AS (
    SELECT o.conversion_no, o.user_no, o.price, s.campaign,
        exp(-ln(2) * floor((epoch_us(o.ts) - epoch_us(s.ts)) / 1e6) / 604800) AS weight
    FROM ordered o JOIN seen s ON s.user_no = o.user_no AND s.ts <= o.ts
    WHERE inside(s.ts) OR inside(s.ts + INTERVAL 14 DAY)
)
SELECT h.campaign, count(DISTINCT h.user_no), sum(h.weight / t.total), sum(h.weight / t.total * h.price)
FROM halved h JOIN (SELECT conversion_no, sum(weight) AS total FROM halved GROUP BY 1) t USING (conversion_no)
GROUP BY 1
