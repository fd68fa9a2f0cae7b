-- What people bought of the brand in the shop, with or without advertising.
/*
key: brand-purchases-by-product
name: Purchases by product
tags: [library, retail, paid, product]
tables: [amazon_retail_purchases]
*/
SELECT
    asin_brand,
    asin,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(purchase_units_sold) AS units,
    SUM(unit_price * purchase_units_sold) AS sales
FROM amazon_retail_purchases
GROUP BY asin_brand, asin
