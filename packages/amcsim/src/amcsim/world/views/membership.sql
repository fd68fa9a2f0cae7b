-- Who belongs to which segment, and for how many months.
CREATE VIEW membership AS
SELECT *, drawn(user_no, 40 + segment_id % 1000, 24) AS months
FROM (SELECT user_no, user_id, user_id_type, unnest(segment_ids) AS segment_id FROM person)
