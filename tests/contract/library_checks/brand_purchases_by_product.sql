-- What people bought of the brand in the shop, with or without advertising.
SELECT brand, asin, count(DISTINCT user_no), sum(units), sum(price)
FROM did JOIN brand USING (brand_no) WHERE what = 'order' GROUP BY ALL
