-- How many connections the acting user has.
select count(*) from connections;
