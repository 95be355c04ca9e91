-- A page that shows a licence's document is told apart from a download of it.
alter table licence.reads drop constraint reads_what_check;
alter table licence.reads add constraint reads_what_check
  check (what in ('list', 'search', 'data', 'picture', 'document', 'statement', 'copy', 'check', 'export', 'raise'));
