/** Whether `time` is within the quiet hours of `person`, as SQL. */
export const isQuiet = (time: string): string => `
coalesce(case
  when person.quiet_from < person.quiet_until then ${time} >= person.quiet_from and ${time} < person.quiet_until
  else ${time} >= person.quiet_from or ${time} < person.quiet_until
end, false)`

/**
 * Whether the user of `message` is not to be disturbed by it now, as SQL: quiet hours may have begun since it was made, and
 * what was stopped may go on at night. A person who tries a channel waits for the test. As a value, so that each message's
 * user is looked up by key: joined, Postgres may read all of them.
 */
export const IS_HELD = `(
  select person.quiet_from is not null and message.kind <> 'test'
    and ${isQuiet('(now() at time zone person.time_zone)::time')}
  from users as person
  where person.id = message.user_id
)`
