-- What each campaign earned if all advertisements before an order share it evenly.
SELECT campaign, count(DISTINCT user_no), sum(share), sum(share * price)
FROM (SELECT user_no, price, 1 / len(campaigns) AS share, unnest(campaigns) AS campaign FROM journey)
GROUP BY 1
