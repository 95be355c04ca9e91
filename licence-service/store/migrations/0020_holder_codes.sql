-- Holders are found by their code however it is written; before, what had small letters, spaces or full-width digits was hashed as it
-- stood. Which licences that may concern: those with a code that is any text, and those that another system made. The service hashes
-- these anew, since it alone opens them, and takes each off this list.
create table licence.holders_to_fold (identifier text primary key);
insert into licence.holders_to_fold (identifier)
  select l.identifier from licence.licences l
    left join licence.template_versions v on v.type_code = l.type_code and v.template_version = l.template_version
  where l.wrapped_data_key is not null
    and (l.collected_from is not null or v.definition is null
      or v.definition -> 'fields' @> '[{"role": "holder-code", "type": "text"}]');
