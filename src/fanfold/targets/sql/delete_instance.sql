-- Removes an instance; batches keep it as it was when they were submitted.
delete from amc_instances where id = :id;
