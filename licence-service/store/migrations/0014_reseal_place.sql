-- How far the present pass over an order's documents has come: those that could not be sealed for an outage stand in nobody's way.
alter table licence.reseal_works add column went_to text;
