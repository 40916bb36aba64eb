-- SES's event "Email Sent" marks the attempt that it is of, where the notifier died before it could.
-- oldest code: 0002

grant select (channel_id, channel_kind, address), update (provider_id) on deliveries to keeper_mail_events;
