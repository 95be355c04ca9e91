-- A SESeal follows the certificate of its seal: one of each layout for each certificate, by that certificate's number. What was made for
-- those before stays as it was.
alter table seal.eseals add column generation integer not null default 1 check (generation > 0);
alter table seal.eseals alter column generation drop default;
alter table seal.eseals drop constraint eseals_pkey;
alter table seal.eseals add primary key (seal_id, layout, generation);

-- Null in the rows of before, which are for the first: the ledger has digests of them.
alter table seal.maker_uses add column generation integer check (generation > 0);
drop index seal.maker_uses_count_once;
create unique index maker_uses_count_once on seal.maker_uses (seal_id, layout, coalesce(generation, 1)) where phase = 'made';
