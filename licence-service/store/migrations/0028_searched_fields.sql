-- Keyed hashes of values that licences are found by: of the fields that their type's entry names. Ordered as the register is, so that a
-- page is read from its place whatever number of licences has the same value.
create table licence.searched_fields (
  mac bytea not null,
  sequence bigint not null,
  identifier text not null,
  primary key (mac, sequence)
) partition by hash (mac);

do $$
declare
  parts constant integer := case when version() like '% emcc %' then 1 else 8 end;
begin
  for part in 0 .. parts - 1 loop
    execute format('create table licence.searched_fields_%s partition of licence.searched_fields for values with (modulus %s, remainder %s)', part, parts, part);
  end loop;
end
$$;

create index searched_fields_of_licence on licence.searched_fields (identifier);
