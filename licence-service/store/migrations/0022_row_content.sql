-- A batch that tells rows apart by holder claims what a row says, too, so that a batch by row does not make the same licence again.
-- Rows checked before have none.
alter table licence.batch_rows add column content_mac bytea;
