-- Which part of all sales came from people who had met an advertisement.
SELECT CASE WHEN exposed THEN 'ad-exposed' ELSE 'non-ad-exposed' END, count(DISTINCT user_no), count(*), sum(units), sum(price)
FROM did WHERE what = 'order' GROUP BY 1
