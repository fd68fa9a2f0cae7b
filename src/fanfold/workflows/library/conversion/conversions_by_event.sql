-- What people did after they met an advertisement, by category and kind of event.
/*
key: conversions-by-event
name: Conversions by event
tags: [library, conversion]
tables: [conversions]
*/
SELECT
    event_category,
    event_subtype,
    SUM(conversions) AS conversions,
    COUNT(DISTINCT user_id) AS people,
    SUM(total_product_sales) AS sales
FROM conversions
GROUP BY event_category, event_subtype
