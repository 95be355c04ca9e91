-- A department could be closed as of a time before it issued its last licences, or was given its types at all: the trust list then called them
-- forgeries, or could not be signed. No assignment ends before it was granted or before the last licence that was made by it.
update licence.type_assignments a set ended_at = greatest(ended_at, granted_at, (
  select prepared_at + interval '1 second' from licence.licences l
  where l.department_code = a.department_code and l.type_code = a.type_code and l.collected_from is null
  order by sequence desc limit 1))
where ended_at is not null;
