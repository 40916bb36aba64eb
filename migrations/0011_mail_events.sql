-- What SES tells of mails switches addresses off; and people try a channel with a message of its own.
-- oldest code: 0002

do $$
begin
  begin
    create role keeper_mail_events login;
  exception when duplicate_object or unique_violation then
    null;  -- roles belong to the whole server: another database of it may have made them
  end;
  if exists (select from pg_roles where rolname = 'rds_iam') then
    grant rds_iam to keeper_mail_events;
  end if;
end
$$;

grant select on schema_migrations to keeper_mail_events;
grant select (id, email, email_disabled_at), update (email_disabled_at, email_disabled_reason) on users
  to keeper_mail_events;
grant select (id, kind, address, disabled_at), update (disabled_at, disabled_reason) on notification_channels
  to keeper_mail_events;
grant select (id, message_id, provider_id, status), update (status, reason) on deliveries to keeper_mail_events;

-- `keeper channels test`: a message whose content names the channel.
grant insert (user_id, kind, content) on messages to keeper_operator;
