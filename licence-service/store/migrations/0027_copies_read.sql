-- Reads of copies are told apart from the making of one, and a copy that was refused from one that was made: that is recorded once it is known,
-- for whoever asked. Copies from before have no kind here: their making was recorded when it was asked for.
alter table licence.reads drop constraint reads_what_check;
alter table licence.reads add constraint reads_what_check
  check (what in ('list', 'search', 'data', 'picture', 'document', 'statement', 'copy', 'copy-refused', 'copy-read', 'copy-document', 'check',
    'export', 'raise'));
alter table licence.copies add column maker_kind text check (maker_kind in ('person', 'machine', 'system'));
alter table licence.copies add column maker_matter text;
