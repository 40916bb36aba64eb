-- How far each consumer group has stored each partition: a jump in the offsets shows records that were deleted before
-- they were read.
-- oldest code: 0002

create table consumed_offsets (
  consumer_group text not null,
  topic text not null,
  partition integer not null,
  -- One more than the highest offset that was stored. A replay does not lower it.
  next_offset bigint not null,
  primary key (consumer_group, topic, partition)
) with (fillfactor = 20);  -- a few rows, changed with every batch: room for many versions of each on its own page

grant select, insert, update on consumed_offsets to keeper_price_consumer, keeper_deal_consumer;
