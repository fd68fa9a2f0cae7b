-- At which hours of a time zone of your choice display advertisements are seen.
SELECT hour(timezone('America/New_York', timezone('UTC', ts))), count(*), count(DISTINCT user_no) FROM met GROUP BY 1
