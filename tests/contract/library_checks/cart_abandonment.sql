-- How many people put a product into their cart and did not order it in the window.
SELECT asin, count(*), count(bought), 1 - count(bought) / count(*)
FROM (SELECT DISTINCT user_no, asin FROM did WHERE exposed AND what = 'shoppingCart')
LEFT JOIN (SELECT DISTINCT user_no, asin, 1 AS bought FROM ordered) USING (user_no, asin)
GROUP BY 1
