-- Where people were reached: sites, the sources they were bought from, and their price.
SELECT supply_source, site, count(*), count(DISTINCT user_no), sum(millicents) * 8e-6, avg(millicents) * 8e-3
FROM met GROUP BY ALL HAVING count(*) >= 10
