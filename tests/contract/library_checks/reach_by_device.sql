-- How many people were reached on each kind of device and in which environment.
SELECT device, environment, count(*), count(DISTINCT user_no) FROM met GROUP BY ALL
