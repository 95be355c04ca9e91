-- Further licence types for a seal in use: asked for by its owner, given or refused by a reviewer.
alter table seal.seal_events
  drop constraint seal_events_action_check,
  add constraint seal_events_action_check check (action in ('apply', 'ask-for-more', 'amend', 'abandon', 'reject', 'approve', 'wait',
    'make', 'file', 'issue', 'decline', 'accept', 'suspend', 'restore', 'report-lost', 'recover', 'collect', 'return', 'expire', 'renew',
    'replace', 'revoke', 'withdraw', 'cancel', 'destroy', 'draw', 'approve-picture', 'authorise', 'end-authorisation', 'request',
    'order-types', 'change-types', 'refuse-types', 'grant', 'end-grant', 'remind', 'order-destruction', 'order-ending', 'drop-ending',
    'change-keeper'));
create index seal_events_types_ordered on seal.seal_events (seal_id) where action = 'order-types';
