-- Tells the database's time.
select moment()
