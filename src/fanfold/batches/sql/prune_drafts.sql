-- Deletes drafts that nobody has touched for long, with all that was filled into them.
delete from batches where status = 'pending' and sealed_at is null
   and updated_at < moment() - make_interval(secs => :older_than_seconds::double precision);
