-- Which products new customers buy first from the brand.
SELECT asin, count(DISTINCT user_no), sum(units), sum(price) FROM ordered WHERE new_to_brand GROUP BY 1
