-- Messages show the times at which nothing was offered.
-- oldest code: 0002

grant select on price_gaps to keeper_notifier;
