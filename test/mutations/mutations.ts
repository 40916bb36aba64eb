/** A guard that is broken on purpose, and the test files that must notice: below test/, without `.test.ts`. */
export interface Mutation {
  readonly guard: string
  readonly file: string
  /** Stands in the file once. */
  readonly from: string
  readonly to: string
  readonly tests: readonly string[]
}

const CONSUMING = 'lambdas/core/consuming'
const PRICES = 'lambdas/core/prices'

export const MUTATIONS: readonly Mutation[] = [
  {
    guard: "the history's key: a row for each distinct observation",
    file: 'migrations/0015_price_history_months.sql',
    from: 'constraint price_history_pkey primary key (product_id, recorded_at, source, price)\n',
    to: 'constraint price_history_pkey unique (product_id, recorded_at, source, price, partition, "offset")\n',
    tests: ['consumers/price-consumer', 'consumers/batch-cuts'],
  },
  {
    guard: 'the watermark: an older price never becomes current',
    file: `${PRICES}/store-prices.ts`,
    from: `const IS_NEWS = "change.price_at >= coalesce(product.price_at, '-infinity')"`,
    to: 'const IS_NEWS = "change.price_at is not null"',
    tests: ['consumers/batch-cuts'],
  },
  {
    guard: 'the commit order: an answer only after Postgres has said COMMIT',
    file: 'lambdas/core/postgres/transaction.ts',
    from: "if (commit.command !== 'COMMIT') throw",
    to: "if (commit.command === 'NEVER') throw",
    tests: ['core/postgres/transaction'],
  },
  {
    guard: 'the lowest offset: a failed partition resumes at its first record',
    file: `${CONSUMING}/invocation.ts`,
    from: 'offset: records[0]?.offset ?? 0,',
    to: 'offset: records.at(-1)?.offset ?? 0,',
    tests: ['core/consuming/infrastructure-failures'],
  },
  {
    guard: 'the quarantine: a rejected record is kept',
    file: `${CONSUMING}/store-batch.ts`,
    from: 'insertRejectedRecords(client, consumer.group, rejected)',
    to: 'insertRejectedRecords(client, consumer.group, rejected.slice(1))',
    tests: ['consumers/batch-cuts'],
  },
  {
    guard: 'the quarantine of infrastructure: such an error rejects no record',
    file: 'lambdas/core/postgres/sql-errors.ts',
    from: "  '53', // insufficient",
    to: "  '99', // insufficient",
    tests: ['core/postgres/sql-errors'],
  },
  {
    guard: 'the redelivery look-up: what is in the history is not stored again',
    file: `${PRICES}/store-observations.ts`,
    from: "redelivery === 'likely' ? await notInHistory(client, source, records) : records",
    to: 'records',
    tests: ['core/consuming/redelivery'],
  },
  {
    guard: 'the lock order of prices',
    file: `${PRICES}/store-prices.ts`,
    from: '    order by domain collate "C", asin collate "C"\n',
    to: '',
    tests: ['core/consuming/lock-order'],
  },
  {
    guard: 'the lock order of a batch with gaps',
    file: `${PRICES}/price-gaps.ts`,
    from: 'order by product.domain, product.asin\nfor no key update of product',
    to: 'order by product.id\nfor no key update of product',
    tests: ['core/consuming/lock-order'],
  },
  {
    guard: 'the lock order of a removal: products before the watches that consumers lock',
    file: 'lambdas/operator/postgres/changing-watches.ts',
    from: "'update watches set updated_at = now() where'",
    to: "'select from watches where'",
    tests: ['operator/postgres/beside-consumers'],
  },
  {
    guard: "the lease: a claimed message is its run's alone",
    file: 'lambdas/notifier/claim.ts',
    from: 'and (lease_until is null or lease_until < now())',
    to: '',
    tests: ['notifier/delivery'],
  },
  {
    guard: 'quiet hours: a message that waits is not sent in them',
    file: 'lambdas/notifier/quiet-hours.ts',
    from: "select person.quiet_from is not null and message.kind <> 'test'",
    to: 'select false',
    tests: ['notifier/retries'],
  },
  {
    guard: 'the lost lease: who has lost it marks nothing',
    file: 'lambdas/notifier/conclude.ts',
    from: 'select id, content from messages where id = $1 and lease_token = $2 for update',
    to: 'select id, content from messages where id = $1 and $2::uuid is not null for update',
    tests: ['notifier/delivery'],
  },
  {
    guard: 'the recheck: a price above the target is not told',
    file: 'lambdas/notifier/why-not-told.ts',
    from: "else 'the price is above the target'",
    to: 'else null',
    tests: ['notifier/recheck'],
  },
  {
    guard: 'the rearm rule: an alert comes again after a price above the target',
    file: `${PRICES}/price-alerts.ts`,
    from: ' or above_at <= recorded_at or was_above)',
    to: ' or above_at <= recorded_at)',
    tests: ['consumers/batch-cuts'],
  },
  {
    guard: 'the rearm rule within a batch',
    file: `${PRICES}/price-alerts.ts`,
    from: ' or above_at <= recorded_at or was_above)',
    to: ' or was_above)',
    tests: ['consumers/batch-cuts', 'consumers/price-consumer'],
  },
  {
    guard: 'the superseded alert: it counts as never made',
    file: `${PRICES}/price-alerts.ts`,
    from: "where alert.watch_id = met.watch_id and alert.status <> 'SUPERSEDED'",
    to: 'where alert.watch_id = met.watch_id',
    tests: ['consumers/batch-cuts', 'consumers/price-consumer'],
  },
  {
    guard: 'the past: an imported price is no news',
    file: `${PRICES}/price-history.ts`,
    from: "flag === null || flag === 'record_time'",
    to: "flag !== 'implausible'",
    tests: ['consumers/batch-cuts'],
  },
  {
    guard: "the idempotent producer's give-up: it is not used after a lost batch",
    file: 'lambdas/core/kafka/topic-producer.ts',
    from: 'await this.disconnect().catch(() => undefined)\n    const explained',
    to: 'const explained',
    tests: ['core/kafka/topic-producer-failures'],
  },
  {
    guard: 'the cursor: saved only once the page before it is acknowledged',
    file: 'lambdas/producers/price-check/pages-in-flight.ts',
    from: 'Promise.all([page.sending, before])',
    to: 'Promise.all([page.sending, undefined])',
    tests: ['producers/pages-in-flight'],
  },
  {
    guard: "the run's lease: one run at a time",
    file: 'lambdas/core/postgres/producer-runs.ts',
    from: "const IS_FREE = '(run.lease_until is null or run.lease_until < now())'",
    to: "const IS_FREE = '(true)'",
    tests: ['core/postgres/producer-runs'],
  },
  {
    guard: 'the gap: records that were deleted before they were read are counted',
    file: `${CONSUMING}/consumed-offsets.ts`,
    from: 'return expected < first ?',
    to: 'return expected < 0 ?',
    tests: ['core/consuming/consumed-offsets'],
  },
  {
    guard: 'the silent connection: the first answer is not waited for until the deadline',
    file: 'lambdas/core/postgres/transaction.ts',
    from: 'const FIRST_ANSWER_MS = 5_000',
    to: 'const FIRST_ANSWER_MS = 500_000',
    tests: ['core/consuming/infrastructure-failures'],
  },
]
