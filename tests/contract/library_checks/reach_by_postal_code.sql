-- How many people were reached in each postal code; codes with fewer than a hundred stay hidden.
SELECT postal_code, count(*), count(DISTINCT user_no) FROM met JOIN person USING (user_no) GROUP BY 1
