-- A licence's row has some 2.3 KB, a little more than what is moved to a table of its own by default: every row that a list shows then cost three
-- reads from all over the disk instead of one. Rows that are there stay as they are until they change.
do $$
declare
  part regclass;
begin
  for part in select inhrelid from pg_inherits where inhparent = 'licence.licences'::regclass loop
    execute format('alter table %s set (toast_tuple_target = 8160)', part);
  end loop;
end
$$;
