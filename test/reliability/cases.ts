/** A case, what must happen, and the tests that show it: `file: title`, the file below test/ without `.test.ts`. */
export interface Case {
  readonly what: string
  readonly outcome: string
  readonly tests: readonly string[]
}

const of = (what: string, outcome: string, ...tests: string[]): Case => ({ what, outcome, tests })

const FAILURES = 'core/consuming/infrastructure-failures'
const NETWORKS = 'core/consuming/networks'
const POISON = 'core/consuming/poison'
const SENDS = 'core/kafka/topic-producer-failures'
const PRICES = 'consumers/price-consumer'
const PRICE_EVENT = 'core/events/price-update'
const CHECK_FAILURES = 'producers/price-check-failures'
const KEEPA_FAULTS = 'core/keepa/client-faults'
const READING = 'local/conformance/mapping-reading'
const RETRIES = 'local/conformance/mapping-retries'
const SOAK = 'soak/soak: whatever fails at random'

/** docs/reliability.md, section by section. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  Sending: [
    of(
      'broker down before a send',
      'tried again until the deadline, then listed as not sent, and the run fails; the next run sends it',
      `${SENDS}: while the broker is down a send is refused after some tries, and once it is back the same producer sends`,
      `${CHECK_FAILURES}: broker down: every product is listed as not sent, no token is spent, and the retry of the run sends all`,
      'producers/handlers: fails with the products that were not sent, counts them, and logs the failure once',
    ),
    of(
      'broker dies in the middle of a batch',
      'what was acknowledged is in the log, once and where the report says',
      `${SENDS}: of 1,000 sends through a crash of the broker each that resolved is in the log, once and where it said`,
    ),
    of(
      'acknowledgement lost',
      'one message where the producer can ask again; else the same event twice in the log, and one row',
      `${SENDS}: a lost acknowledgement is asked for again and leaves one message, not two`,
      `${SENDS}: where no acknowledgement arrives the send is refused, and sent again it is in the log twice, as the same event`,
      'core/consuming/redelivery: the same record twice in a batch is one row',
    ),
    of(
      'an idempotent producer that gave up',
      'is not used again: it would call a lost message sent',
      `${SENDS}: a kafkajs producer that is kept after a lost batch loses the next one and calls it sent: why TopicProducer gives it up`,
    ),
    of(
      'broker that takes connections and answers nothing',
      'given up on, not sent',
      `${SENDS}: a broker that takes connections and answers nothing is given up on`,
    ),
    of(
      'message larger than the topic takes',
      'refused with a reason; its neighbours are sent',
      'core/kafka/topic-producer: a message that only the topic refuses fails alone: its neighbours are sent, once and in order',
      `${CHECK_FAILURES}: a message that Kafka refuses for good is listed, the run goes on, and it is not asked for again`,
    ),
    of(
      'payload near 6 MB',
      'batches are cut so that no payload is larger; a record that is larger alone goes to the destination',
      `${READING}: is at most 6 MB with all its partitions, base64 and JSON included`,
      `${RETRIES}: gets a record that is above 6 MB alone, without an invocation`,
    ),
    of(
      'producer killed between pages',
      'the next run begins at the first page that was not acknowledged whole',
      'producers/pages-in-flight: that died would be gone on with from its first unacknowledged page',
      'producers/history-import: a run that dies anywhere is repeated, and the tables are as after one run',
    ),
    of(
      'schedule fires twice, or over a run that is at work',
      'one run, its tokens spent once',
      `${CHECK_FAILURES}: a schedule that fires twice spends its tokens once`,
      `${CHECK_FAILURES}: of two runs at once the second is skipped and spends no tokens`,
      'producers/daily-deal-report: a schedule that fires twice reports once',
    ),
  ],
  'Delivery and replay': [
    of(
      'consumer killed after it has read',
      'nothing is stored; the batch comes again and all is',
      'consumers/killed: after it has read and before it stores, nothing is stored, and the next one stores all',
    ),
    of(
      'consumer killed while it commits, or before it answers',
      'the redelivery adds no row and no alert',
      'consumers/killed: while it commits, the commit holds, and the next one adds nothing',
      'consumers/killed: after the commit and before it answers, the next one adds nothing',
    ),
    of(
      'Lambda timeout in the middle',
      'the handler ends before, and the batch comes again',
      `${FAILURES}: a statement that outlasts the time left fails the batch before Lambda ends the process`,
      `${FAILURES}: no time left is infrastructure: nothing is tried, the batch comes again`,
      'local/cloud/mapping/event-source-mapping: by running into its timeout is delivered again to a new process',
    ),
    of(
      'the same batch delivered twice',
      'every table as it was',
      `${PRICES}: a batch delivered twice leaves every table as it was`,
      'core/consuming/redelivery: a batch that is stored whole waits for nobody and changes nothing',
    ),
    of(
      'replay from the first offset',
      'every table as it was; no alert is raised again',
      `${FAILURES}: a replay of everything in other cuts changes nothing`,
    ),
    of(
      'any cut into batches, redeliveries, replays, alerts that end in between',
      'the tables of a model that takes one record at a time',
      'consumers/batch-cuts: the tables are those of a model that takes one record at a time, however records are cut, redelivered and replayed',
    ),
    of(
      'two pollers, or a rebalance: the same records at once',
      'one row each, one alert, no deadlock',
      `${FAILURES}: the same records at the same time make one row each and one alert`,
      `${FAILURES}: prices and deals of the same products at once neither deadlock nor lose a row`,
      'core/consuming/lock-order: lock their products in the order of keys, whatever that of the batch is',
      'local/cloud/mapping/failures: loses no record, though batches under way fail and others wait',
    ),
    of(
      'one partition fails',
      'it alone is reported, from its lowest offset; the others are stored',
      `${FAILURES}: a failure of one partition leaves the others stored and reports only that one`,
      `${RETRIES}: with ReportBatchItemFailures a partition resumes at its lowest offset, and other partitions are committed`,
    ),
    of(
      'identifier that is not in the batch',
      'the whole batch fails',
      `${RETRIES}: an identifier that is not in the event, or malformed, fails the whole batch`,
    ),
    of(
      'partial answers that the mapping does not read',
      'the synthesis fails',
      'lib/pipeline-rules: refuse a function that returns failures which its mapping does not read',
    ),
    of(
      'retries used up, with a destination',
      'the record is there with its bytes, and a redrive sends it again, once',
      `${RETRIES}: that is infinite together with an on-failure destination is capped at 10, and the destination holds the same bytes`,
      'operator/postgres/redrive: keeps key, value and headers, and says where the record was and how often it was sent',
      'operator/postgres/redrive: sends each record once, however many ask, at the same time or again',
    ),
    of(
      'destination or quarantine down',
      'the batch fails; nothing is dropped',
      `${RETRIES}: that is down drops nothing: the record waits, uncommitted, until it takes it`,
      `${FAILURES}: a quarantine that cannot be written fails the batch and drops nothing`,
    ),
    of(
      'records older than any age',
      'never dropped by age; an alarm before Kafka deletes them',
      'lib/constructs/functions/topic-consumer: drops no record: retries have no end and records no maximum age',
      'lib/monitoring-stack: see that a consumer stores records for an hour that Kafka is about to forget',
    ),
    of(
      'retention passes unread records',
      'counted, named by their offsets, an alarm',
      'core/consuming/consumed-offsets: records that Kafka deleted before they were read are counted, and named by their offsets',
      'core/consuming/consumed-offsets: a gap is counted once, also where the batch that shows it comes again',
    ),
    of(
      'Ctrl-C or SIGTERM in the middle of a batch',
      'finished, or not committed and delivered again',
      'local/cloud/mapping/failures: waits for the invocation under way, whose offsets are committed',
      'local/cloud/cloud: ends a handler that hangs once the grace is over, commits nothing of it, and leaves no process',
    ),
  ],
  'Postgres and the network': [
    of(
      'down when a batch arrives',
      'nothing is committed; all is stored once it is back',
      `${FAILURES}: nothing is committed while it is down, and all is stored once it is back`,
      `${FAILURES}: with a mapping that takes partial answers, every partition is reported from its first offset`,
    ),
    of(
      'restarted in the middle of a transaction',
      'no half of it; the whole batch again',
      `${FAILURES}: a restart in the middle of a transaction leaves no half of it`,
      `${FAILURES}: a warm connection that died meanwhile is replaced within the invocation`,
    ),
    of(
      'stands still (SIGSTOP)',
      'the connection is replaced; nothing twice when it wakes',
      `${FAILURES}: a connection whose server went silent is replaced within the invocation, and nothing is stored twice when it wakes`,
    ),
    of(
      'deadlock, serialization failure',
      'tried again within the invocation, then as a batch',
      `${FAILURES}: a deadlock is tried again within the invocation`,
      'core/postgres/sql-errors: deadlocks and serialization failures are tried again at once',
    ),
    of(
      'a watch or a user is removed while a price that meets the target is stored',
      'both end, without a deadlock; a change of several watches that meets one is tried again',
      'operator/postgres/beside-consumers: %s without a deadlock',
      'operator/postgres/beside-consumers: an import that meets a consumer in a deadlock is repeated, and both end',
    ),
    of(
      'no connection left (53300)',
      'the batch fails and is stored later; nothing is rejected',
      `${NETWORKS}: a server without a connection left fails the batch and rejects nothing; with one, all is stored`,
    ),
    of(
      'read-only after a failover (25006)',
      'a new connection; where that is read-only too, the batch fails',
      `${FAILURES}: a connection that became read-only is replaced`,
      `${FAILURES}: a server that is read-only, as after a failover, fails the batch`,
    ),
    of(
      'password rotated (28P01)',
      'asked for again, once',
      `${FAILURES}: a password that was rotated is asked for anew, once`,
    ),
    of(
      'disk full',
      'the batch fails and is stored later; nothing is rejected',
      `${NETWORKS}: a disk without room fails the batch and rejects nothing; with room, all is stored`,
    ),
    of(
      'network freezes',
      'the batch fails in time and is stored once',
      `${NETWORKS}: the transaction fails the batch in time, which is stored once when it comes again`,
    ),
    of(
      'network cuts or half-closes connections',
      'replaced within the invocation; one row, one alert',
      `${NETWORKS}: in the middle of the transaction is replaced within the invocation`,
      `${NETWORKS}: that loses the answer to a commit leaves one row and one alert: the batch finds itself stored`,
    ),
    of('slow network', 'only takes longer', `${NETWORKS}: that is slow only takes longer`),
    of(
      'a migration or a grant missing',
      'the batch fails and rejects nothing',
      `${FAILURES}: a table that is not there fails the batch and rejects no record`,
    ),
    of(
      'schema a version ahead or behind',
      'stored where the schema works with the code; else nothing is, and the error says what to do',
      'core/postgres/schema-version: code that the schema still works with stores records after a rollback',
      'core/postgres/schema-version: code that is too old for the schema commits nothing, rejects nothing, and names what to do',
    ),
  ],
  Kafka: [
    of(
      'broker down while it is read',
      'no record lost, order kept, said once',
      'local/cloud/mapping/broker-down: a broker that is down for some seconds loses no record and mixes no order, and is spoken of once',
    ),
    of(
      'consumer before the topic, before the broker',
      'asked again until it is there',
      'local/cloud/mapping/failures: without the topic is asked again, said once, and read when the topic is there',
      'local/cloud/lambda/mapping-operations: whose broker is away says so, and can be disabled all the same',
    ),
    of(
      'topic deleted and recreated while it is read',
      'read from its new beginning; both topics’ poison is kept',
      'local/cloud/mapping/recreated-topic: a topic that is recreated while it is read is read from its oldest record, again and again',
      'local/cloud/mapping/recreated-topic: a topic that was recreated while nobody read it is read from its oldest record',
      `${POISON}: at the same place of a topic that was made anew is kept beside the old`,
    ),
    of(
      'offsets of the group beyond the end',
      'read from the oldest record, and said',
      `${READING}: because its offsets are beyond the end reads from the oldest record, and says so`,
    ),
    of(
      'partitions added under load',
      'read within seconds, from their beginning',
      `${READING}: added live are read within seconds, from their beginning`,
      SOAK,
    ),
    of(
      'gzip, snappy, lz4, zstd of foreign producers',
      'read as they were sent',
      'local/cloud/mapping/foreign-producers: records',
      'local/cloud/kafka/compression/codecs: refuses what is cut off or broken, naming itself',
    ),
    of(
      'transactions, aborted ones, control records',
      'aborted records are not delivered, markers are no records, no lag is left',
      'local/cloud/kafka/record-batches: of aborted transactions are left out, and markers are stepped over',
      'local/cloud/mapping/foreign-producers: transactions leave no lag: neither their markers nor aborted records count as unread',
    ),
    of(
      'compaction gaps',
      'read past the last offset of a thinned-out or empty batch',
      'local/cloud/kafka/record-batches: that compaction has thinned out or emptied are read past their last offset',
    ),
    of(
      'a batch that cannot be read',
      'stops its own partition only, and loudly',
      'local/cloud/mapping/unreadable-batch: a batch that cannot be read stops its own partition only, and the partition resumes once it can be read',
    ),
    of('LogAppendTime', 'said in timestampType', `${READING}: with LOG_APPEND_TIME says so in timestampType`),
    of(
      'records of 1 MB and more',
      'delivered, alone where they must be',
      'local/cloud/mapping/poller: delivers a record that is larger than a payload alone',
      'producers/price-check: a title of 1 MB is cut and its price sent',
    ),
    of(
      'a thousand headers, of any name',
      'delivered as they were sent, as fast as their bytes',
      'local/cloud/mapping/foreign-producers: of many headers take no longer than their bytes',
      'local/cloud/mapping/foreign-producers: with headers of any name come with them, each as often as it was sent',
    ),
    of(
      'a group reset twice at once, or while somebody reads',
      'refused, or repeated without effect',
      'operator/kafka/reset-group: a group that somebody reads with is refused, and keeps its offsets',
      'operator/kafka/reset-group: a reset moves the partitions that it names, and repeated it changes nothing',
    ),
  ],
  Records: [
    of(
      'poison: first, middle, last, all of a batch',
      'quarantined with bytes, key, headers, place and reason; neighbours are stored',
      `${POISON}: of a batch is quarantined and its neighbours are stored`,
      `${POISON}: keeps its bytes, key, headers, place, time and reason`,
      `${POISON}: at the head of a batch that comes again leaves the tables as they are, also where all answers are read at once`,
    ),
    of(
      'a record that only Postgres refuses',
      'found, quarantined with its SQLSTATE; the others are stored',
      `${POISON}: is found, quarantined with SQLSTATE and reason, and the others are stored`,
      'core/postgres/own-constraints: a record that breaks a constraint of ours is rejected alone',
      'core/postgres/own-constraints: of a migration that is not ours fails the batch and rejects no record',
    ),
    of(
      'a bug of our own in one record',
      'quarantined; blocks nothing',
      `${POISON}: or that our own code stumbles over blocks nothing`,
    ),
    of('tombstone', 'acknowledged and counted', `${POISON}: a tombstone`),
    of(
      'key missing or another',
      'stored by the ASIN of the body, counted',
      `${PRICES}: with another key or none is stored by the ASIN of its body and counted`,
    ),
    of('JSON scalar, array, null', 'quarantined', `${PRICE_EVENT}: values that are not an event`),
    of(
      'ASIN missing, lower case, of other length, with blanks',
      'upper case and trimmed, else quarantined',
      `${PRICE_EVENT}: an ASIN in lower case or between blanks is taken`,
      `${PRICE_EVENT}: 'B07W6JN8V88'`,
    ),
    of(
      'price as a string, not finite, negative, above numeric(12,2)',
      'quarantined, never coerced',
      `${PRICE_EVENT}: '49.99', 'abc', '', undefined`,
      'core/events/storable: whatever number an event is accepted with, the columns take',
      'core/events/documented: is right that values are not coerced',
    ),
    of(
      '0, -1, -2',
      'no price: counted, no row',
      `${PRICES}: is counted as no price and leaves no row`,
      `${PRICE_EVENT}: a price of %p is unknown, and no gap`,
    ),
    of(
      'huge title, NUL, surrogates, emoji, markup',
      'cut to 500 code points, NUL stripped, kept as data, escaped where it is shown',
      `${PRICE_EVENT}: a huge title is cut to 500 code points without splitting one`,
      `${PRICE_EVENT}: NUL characters are stripped`,
      "core/mail/render: the market's text is data: markup is escaped, and nothing turns the direction of the rest",
    ),
    of(
      'currency against the domain',
      'quarantined',
      `${PRICE_EVENT}: a currency that contradicts the domain is rejected, a missing one follows from it`,
    ),
    of(
      'event of the other topic',
      'quarantined as wrong_type',
      'core/events/deal-update: a price event on the deal topic is rejected as wrong_type',
    ),
    of('unknown fields', 'ignored', `${PRICE_EVENT}: fields that nobody knows are ignored`),
    of(
      'timestamp with and without a zone, of any precision',
      'the same instant; without a zone it is UTC',
      'core/events/timestamp: reads %p as the same instant',
      'core/events/timestamp: keeps microseconds',
    ),
    of(
      'timestamp missing or unreadable',
      'that of the record, flagged',
      `${PRICES}: a price without a readable time has the time of its record, flagged`,
      `${PRICES}: a price without any time is quarantined`,
    ),
    of(
      '2099, 1970, a clock that jumps',
      'history, flagged; the current price is not frozen',
      `${PRICES}: '2099-01-01T00:00:00', '1970-01-01T00:00:00'`,
      `${PRICES}: a price of a few minutes ahead of the clock is taken`,
      'local/cloud/scheduler/scheduler: fire once for all the times that passed while the machine slept',
      'core/postgres/producer-runs: a made-up time in the future keeps no later schedule from being seen to',
    ),
    of(
      'out of order within an ASIN',
      'both are history, the newest is current, an older one raises no alert',
      `${PRICES}: the newest price by event time is the current one, and both are history`,
      `${PRICES}: an older price raises no alert`,
    ),
    of(
      'ASIN that nobody watches',
      'counted, no row',
      `${PRICES}: that nobody watches is counted and leaves no row`,
    ),
  ],
  'Alerts and people': [
    of(
      '45.45 and 45.46 for a target of 45.00',
      'an alert, and none',
      `${PRICES}: 45.45 fires for target 45.00 and 45.46 does not`,
    ),
    of('no target, 0', 'no alert', `${PRICES}: a watch with target %p never alerts`),
    of(
      'two users watch one product',
      'each gets one alert, by the own target',
      `${PRICES}: each user who watches a product gets one alert, by the own target`,
    ),
    of(
      'an alert is pending, sent, failed, superseded',
      'no second one; again only above the threshold since, or lower',
      `${PRICES}: a pending alert keeps others away, within a batch and after`,
      `${PRICES}: once the alert is %s`,
      `${PRICES}: an alert that was SUPERSEDED counts as never made`,
    ),
    of(
      'watch deleted or paused while its price is in flight',
      'no alert, no error',
      `${FAILURES}: a watch that is deleted while its price is on the way raises no alert and no error`,
      'core/consuming/redelivery: a product that is deleted while its price is on the way leaves no history',
    ),
    of(
      'a watch and a price at the same time',
      'one alert, whoever comes first',
      'core/prices/alerts-of-watches: alert once where the price comes first: the watch waits for it',
      'core/prices/alerts-of-watches: alert once where the watch comes first: the price waits for it',
    ),
    of(
      'two deals create the same product at once',
      'one row, both histories',
      'consumers/deal-consumer: new products of two batches at once make one row each and keep both histories',
    ),
    of(
      'notifier killed at any point',
      'no alert lost; sent twice only what was in flight, with the same bytes',
      'notifier/killed: ',
      'notifier/delivery: is not sent again, and its alert is SENT',
    ),
    of(
      'two notifiers at once, a lease that ends while a send hangs',
      'no message twice; the first marks nothing',
      'notifier/delivery: two notifiers at once send no message twice',
      'notifier/delivery: a lease that ends while a send hangs lets another run send the same bytes, and the first marks nothing',
    ),
    of(
      'a price that is not so any more when it is to be told',
      'not told, and the alert says why',
      'notifier/recheck: is not told, and says why',
    ),
    of(
      'a price that qualifies again while its alert is being superseded',
      'told by the next message',
      'notifier/recheck: an alert whose price qualifies again before it is superseded is not lost: the next message tells it',
    ),
    of(
      'a channel that fails, refuses or is gone',
      'tried again, given up visibly after a day, or switched off with its reason',
      'notifier/delivery: it is given up a day after the first attempt, with its reason',
      'notifier/delivery: a user whose e-mail is off and who has no channel gets a message that failed, visibly',
    ),
  ],
  Keepa: [
    of(
      '429 with refillIn',
      'waited for within the run, else resumed by the next one from its cursor',
      `${KEEPA_FAULTS}: that lack are waited for, 100 ms longer than Keepa says`,
      `${CHECK_FAILURES}: 429 and too little time: the run stops, and the next one sends the rest and only the rest`,
    ),
    of(
      '402, 400, 404, 405',
      'not asked again, an alarm; the next request goes on',
      `${KEEPA_FAULTS}: is not asked again, and the next request goes on`,
      'producers/handlers: fails where Keepa refuses, and counts the refusals',
    ),
    of(
      '500, timeout, cut body, HTML',
      'bounded tries; a failed read overwrites nothing',
      `${KEEPA_FAULTS}: that stays is given up after eight attempts, with waits that double up to a minute`,
      `${CHECK_FAILURES}: no usable answer: the run stops with the page listed, and the next one begins with it`,
    ),
    of(
      'tokens below zero',
      'no call until they are refilled',
      `${KEEPA_FAULTS}: below zero hold back every call until they are refilled`,
    ),
    of(
      'series that are null, empty, end in -1',
      'the right price or none; never a count',
      'core/keepa/prices: is never anything but a value of the four price series, whatever the series hold',
      'core/keepa/prices: a count of zero is a count, not an absence',
    ),
  ],
  'All of it at once': [
    of(
      'engines, networks, functions, notifier and run fail at random; groups are reset, records redriven, watches changed',
      'acknowledged = stored + rejected; none lost, none twice; alerts and deliveries right',
      SOAK,
    ),
  ],
}
