-- Removes a workflow with its versions; its batches stay, they carry what they ran.
delete from workflows where id = :id;
