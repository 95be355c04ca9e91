-- A signature made here is known by what it signs (TBS_Sign), whatever is written around it: certificate, algorithm, value and time stamp of
-- an SES_Signature can be written otherwise, left out or added, and nobody's key is asked.

-- Octets of the DER value at an offset, from 0, with its header.
create function seal.der_length(der bytea, at integer) returns integer language sql immutable strict as $$
  select case get_byte(der, at + 1)
    when 129 then 3 + get_byte(der, at + 2)
    when 130 then 4 + get_byte(der, at + 2) * 256 + get_byte(der, at + 3)
    when 131 then 5 + get_byte(der, at + 2) * 65536 + get_byte(der, at + 3) * 256 + get_byte(der, at + 4)
    else 2 + get_byte(der, at + 1)
  end
$$;

-- The first of the values in a DER sequence.
create function seal.first_in_sequence(der bytea) returns bytea language sql immutable strict as $$
  select substring(der from header + 1 for seal.der_length(der, header))
  from (select case when get_byte(der, 1) < 128 then 2 else get_byte(der, 1) - 126 end as header) parts
$$;

alter table seal.oes_signatures
  drop column signature_digest,
  add column signed_part_digest bytea not null generated always as (sha256(seal.first_in_sequence(signature))) stored;
create index oes_signatures_by_signed_part on seal.oes_signatures (signed_part_digest);
