-- How many people put a product into their cart and did not order it in the window.
/*
key: cart-abandonment
name: Cart abandonment
tags: [library, conversion, product]
tables: [conversions]
*/
WITH people AS (
    SELECT
        user_id,
        tracked_item,
        MAX(IF(event_subtype = 'shoppingCart', 1, 0)) AS added,
        MAX(IF(event_subtype = 'order', 1, 0)) AS ordered
    FROM conversions
    WHERE user_id IS NOT NULL
    GROUP BY user_id, tracked_item
)
SELECT
    tracked_item AS asin,
    COUNT(DISTINCT user_id) AS added_to_cart,
    SUM(ordered) AS ordered,
    1 - SUM(ordered) / COUNT(DISTINCT user_id) AS abandonment_rate
FROM people
WHERE added = 1
GROUP BY tracked_item
