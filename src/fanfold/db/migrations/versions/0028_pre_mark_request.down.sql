-- Takes back 0028.
drop function mark_request(text, integer, interval);
