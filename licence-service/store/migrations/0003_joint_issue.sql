-- Seals of other departments that stand on a licence beside the issuer's own (联合发文), with their places in millimetres from it. On the
-- licence they are kept as they were when it was prepared: a change of the assignment must not change what is drawn again.
alter table licence.type_assignments add column co_seals jsonb not null default '[]' check (jsonb_typeof(co_seals) = 'array');
alter table licence.licences add column co_seals jsonb not null default '[]' check (jsonb_typeof(co_seals) = 'array');
