-- The seal service signs the heads of its ledger with a key of its own, certified below the CA of the lists.
alter table pki.certificates
  drop constraint certificates_profile_check,
  add constraint certificates_profile_check check (profile in ('root', 'issuing-ca', 'seal', 'seal-maker', 'statement', 'status-list-signer',
    'trust-list-signer', 'receipt-signer', 'ledger-signer', 'time-stamp', 'ocsp-responder', 'cross-ca', 'outside-ca'));
