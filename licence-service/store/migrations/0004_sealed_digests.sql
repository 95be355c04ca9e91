-- Whoever holds a sealed document asks by its digest alone.
create index licences_by_sealed_digest on licence.licences (sealed_digest) where sealed_digest is not null;
