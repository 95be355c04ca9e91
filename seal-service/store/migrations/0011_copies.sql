-- Uses of a seal on copies of licences for one purpose (加注件): under the original's identifier, told apart by the copy's.
alter table seal.seal_uses add column copy_id text check (copy_id ~ '^[A-Za-z0-9_-]{22}$');
alter table seal.statement_uses add column copy_id text check (copy_id ~ '^[A-Za-z0-9_-]{22}$');
