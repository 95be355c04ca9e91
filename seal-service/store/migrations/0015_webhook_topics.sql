-- There are more kinds of events by now than a subscription could name.
alter table seal.webhooks
  drop constraint webhooks_topics_check,
  add constraint webhooks_topics_check check (array_length(topics, 1) between 1 and 100);
