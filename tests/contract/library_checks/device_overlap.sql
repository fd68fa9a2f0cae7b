-- How many people were reached on which mix of devices.
SELECT devices, len(string_split(devices, ' + ')), count(*), sum(times)
FROM (SELECT user_no, string_agg(DISTINCT device, ' + ' ORDER BY device) AS devices, count(*) AS times
    FROM met WHERE user_no IS NOT NULL GROUP BY 1)
GROUP BY 1
