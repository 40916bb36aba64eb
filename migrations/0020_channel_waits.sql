-- A channel whose service names a time is left alone until then, and the user's other channels do not wait for it.
-- oldest code: 0002

-- Of an attempt that failed: when its service lets this channel be tried again.
alter table deliveries add column not_before timestamptz;

grant update (not_before) on deliveries to keeper_notifier;
