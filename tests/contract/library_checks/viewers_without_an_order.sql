-- How many people were reached often and viewed a page, and have not ordered: whom to meet again.
SELECT CASE WHEN user_no IN (SELECT user_no FROM ordered) THEN 'ordered'
    WHEN user_no IN (SELECT user_no FROM did WHERE exposed AND what = 'detailPageView') THEN 'viewed without an order'
    ELSE 'only reached' END, count(*), avg(times)
FROM (SELECT user_no, count(*) AS times FROM met WHERE user_no IS NOT NULL GROUP BY 1 HAVING count(*) >= 3) GROUP BY 1
