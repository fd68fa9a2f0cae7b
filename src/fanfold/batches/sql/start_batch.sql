-- Seals a draft: from now on it is claimed and its time counts; one that is all skipped has ended.
update batches set sealed_at = moment(), timed_from = moment(), updated_at = moment(),
       finished_at = case when pending_count = 0 then moment() end
 where id = :id and sealed_at is null;
