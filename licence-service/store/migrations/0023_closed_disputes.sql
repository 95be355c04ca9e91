-- A dispute about a licence whose data are erased is closed: there is nothing left to put right.
alter table licence.disputes drop constraint disputes_state_check;
alter table licence.disputes add constraint disputes_state_check check (state in ('open', 'refused', 'corrected', 'closed'));
