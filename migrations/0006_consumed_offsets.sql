-- Each consumer group's position in each partition: a gap in the offsets shows records that were deleted before they
-- were read.
-- oldest code: 0002

create table consumed_offsets (
  consumer_group text not null,
  topic text not null,
  partition integer not null,
  -- One more than the highest offset stored. A replay does not lower it.
  next_offset bigint not null,
  primary key (consumer_group, topic, partition)
) with (fillfactor = 20);  -- few rows, updated by every batch: leaves room for many versions of each on its page

grant select, insert, update on consumed_offsets to keeper_price_consumer, keeper_deal_consumer;
