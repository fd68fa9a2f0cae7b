-- How many people each pair of display campaigns reached in common.
SELECT one.name, other.name, len(list_intersect(one.people, other.people))
FROM (SELECT campaign AS name, list(DISTINCT user_no) AS people FROM met GROUP BY 1) one,
    (SELECT campaign AS name, list(DISTINCT user_no) AS people FROM met GROUP BY 1) other
WHERE one.name <= other.name AND list_has_any(one.people, other.people)
