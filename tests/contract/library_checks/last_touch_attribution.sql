-- What each campaign earned if the last advertisement of the last fourteen days takes all.
SELECT campaigns[-1], count(DISTINCT user_no), count(*), sum(price) FROM journey GROUP BY 1
