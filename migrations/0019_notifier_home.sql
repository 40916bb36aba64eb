-- A database that was restored does not know what people were told since it was saved, so the notifier waits for somebody.
-- oldest code: 0002

create table notifier_home (
  -- There is one row at most.
  only_row boolean primary key default true check (only_row),
  -- The database that the notifier tells people from, as lambdas/notifier/home.ts names it.
  home text not null,
  -- Another one in which it has found this row; while it is set nobody is told anything.
  found text,
  found_at timestamptz,
  confirmed_at timestamptz,
  -- What waits, of prices up to then, was told before: the next run ends it without telling it again.
  told_until timestamptz
);

grant select, insert (home), update (found, found_at, told_until) on notifier_home to keeper_notifier;
grant select on notifier_home to keeper_operator_reader, keeper_operator;
grant update (home, found, found_at, confirmed_at, told_until) on notifier_home to keeper_operator;
