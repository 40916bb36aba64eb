import { object, optional, picklist, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { type Amount, amountOfHundredths, hundredthsOf } from '../../core/money.ts'
import { operation, type Page } from '../operation.ts'
import { readTarget } from './amounts.ts'
import { changingWatches, removeWatches } from './changing-watches.ts'
import { domain, product, user, written } from './inputs.ts'
import { iso, PAGE_ROWS, pageOf } from './page.ts'
import { personOf, type Queries } from './people.ts'
import { namedProduct } from './products.ts'
import { type ComputedTarget, targetOfHistory } from './target-of-history.ts'
import type { TargetRule } from './target-rule.ts'
import { saveWatches, WATCHES, type WatchSummary, watchOf } from './watch-rows.ts'

const STATUSES = ['ACTIVE', 'PAUSED', 'INACTIVE'] as const

const reference = object({
  /** Its id, or its product's ASIN or address. */
  watch: product,
  domain: optional(domain),
  user: optional(user),
})

/** A target that is hardly ever met, and one that would be. */
export interface TargetHint {
  /** The lowest price ever seen. */
  readonly lowest: Amount
  /** That price and 5 %. */
  readonly suggestion: Amount
}

export interface SavedWatch extends WatchSummary {
  readonly created: boolean
  readonly changed: boolean
  /** Null where the target was met before, or nothing is known. */
  readonly hint: TargetHint | null
  /** Where the target was computed from prices. */
  readonly from?: ComputedTarget['from']
}

/** An alert of a watch. */
interface WatchAlert {
  readonly id: string
  readonly price: Amount
  readonly status: string
  readonly at: string
}

export const listWatches = operation({
  access: 'read',
  does: 'Lists the watches, with current prices and targets.',
  input: object({
    user: optional(user),
    status: optional(picklist(STATUSES, `a status is one of ${STATUSES.join(', ')}`)),
    cursor: optional(string()),
  }),
  run: async ({ user: whose, status, cursor }, { pool }): Promise<Page<WatchSummary, string>> => {
    const person = whose === undefined ? undefined : await personOf(pool(), whose)
    const { rows } = await pool().query<WatchSummary>(
      `${WATCHES} where watch.id > $1 and ($2::bigint is null or watch.user_id = $2)
         and ($3::text is null or watch.status = $3)
       order by watch.id limit ${PAGE_ROWS}`,
      [cursor ?? 0, person?.id ?? null, status ?? null],
    )
    return pageOf(rows, (row) => row.id)
  },
})

export const showWatch = operation({
  access: 'read',
  does: 'Shows a watch, with the lowest price ever seen and its latest alerts.',
  input: reference,
  run: async (input, { pool }) => {
    const watch = await watchOf(pool(), input)
    const { rows: alerts } = await pool().query<WatchAlert>(
      `select id, triggered_price as price, status, ${iso('triggered_at')} as at from price_alerts
       where watch_id = $1 order by triggered_at desc, id desc limit 10`,
      [watch.id],
    )
    return { ...watch, lowest: await lowestOf(pool(), watch), hint: await hintOf(pool(), watch), alerts }
  },
})

export const addWatch = operation({
  access: 'change',
  does: 'Watches a product. An existing watch gets the target, and is resumed.',
  input: object({ product, domain: optional(domain), target: optional(written), user: optional(user) }),
  run: async (input, { pool }): Promise<SavedWatch> => {
    const target = readTarget(input.target)
    const saved = await changingWatches(pool(), async (client) => {
      const person = await personOf(client, input.user)
      const named = await namedProduct(client, input.product, input.domain)
      const wanted = { ...named, target, keepsTarget: input.target === undefined, status: 'ACTIVE' as const }
      const { created, changed } = await saveWatches(client, person, [wanted])
      const watch = await watchOf(client, { watch: named.asin, domain: named.domain, user: person.email })
      return { ...watch, created: created > 0, changed: changed > 0 }
    })
    return { ...saved, hint: await hintOf(pool(), saved) }
  },
})

export const setTarget = operation({
  access: 'change',
  does: 'Sets the target of a watch, in money or by a rule on its prices; 0 means none.',
  input: object({
    ...reference.entries,
    target: optional(written),
    drop: optional(string()),
    belowLowest: optional(string()),
  }),
  run: async (input, { pool }): Promise<SavedWatch> => {
    const watch = await watchOf(pool(), input)
    const rule = ruleOf(input)
    const computed = rule && (await targetOfHistory(pool(), { id: watch.productId, asin: watch.asin }, rule))
    const target = computed ? computed.target : readTarget(input.target)
    const { rowCount } = await changingWatches(pool(), (client) =>
      client.query(
        `update watches set target_price = $2, updated_at = now()
         where id = $1 and nullif(target_price, 0) is distinct from $2::numeric`,
        [watch.id, target],
      ),
    )
    const saved = { ...watch, target, created: false, changed: rowCount === 1, from: computed?.from }
    // That it has never been that cheap is what the rule is for.
    if (rule) return { ...saved, hint: null }
    return { ...saved, hint: await hintOf(pool(), saved) }
  },
})

export const pauseWatch = statusChange('PAUSED', 'Pauses a watch: it raises no alert until it is resumed.')

export const resumeWatch = statusChange('ACTIVE', 'Resumes a watch.')

export const removeWatch = operation({
  access: 'change',
  does: 'Removes a watch and its alerts; the history of prices stays.',
  input: reference,
  run: async (input, { pool }): Promise<WatchSummary> => {
    const watch = await watchOf(pool(), input)
    await changingWatches(pool(), (client) => removeWatches(client, [watch.id]))
    return watch
  },
})

/** @throws KeeperError `bad_target` unless exactly one of the three is given */
function ruleOf({
  target,
  drop,
  belowLowest,
}: {
  readonly target?: string | undefined
  readonly drop?: string | undefined
  readonly belowLowest?: string | undefined
}): TargetRule | undefined {
  if ([target, drop, belowLowest].filter((given) => given !== undefined).length !== 1)
    throw new KeeperError('bad_target', 'Say one of a target, a drop, and below-lowest.')
  if (drop !== undefined) return { drop }
  return belowLowest === undefined ? undefined : { belowLowest }
}

function statusChange(status: (typeof STATUSES)[number], does: string) {
  return operation({
    access: 'change',
    does,
    input: reference,
    run: async (input, { pool }): Promise<WatchSummary & { readonly changed: boolean }> => {
      const watch = await watchOf(pool(), input)
      const { rowCount } = await changingWatches(pool(), (client) =>
        client.query('update watches set status = $2, updated_at = now() where id = $1 and status <> $2', [
          watch.id,
          status,
        ]),
      )
      return { ...watch, status, changed: rowCount === 1 }
    },
  })
}

async function hintOf(queries: Queries, watch: WatchSummary): Promise<TargetHint | null> {
  if (watch.target === null) return null
  const lowest = await lowestOf(queries, watch)
  if (lowest === null || hundredthsOf(watch.target) >= hundredthsOf(lowest)) return null
  return { lowest, suggestion: amountOfHundredths(Math.round((hundredthsOf(lowest) * 105) / 100)) }
}

/** The lowest price ever seen at a plausible time. */
async function lowestOf(queries: Queries, { asin, domain: market }: WatchSummary): Promise<Amount | null> {
  const { rows } = await queries.query<{ lowest: Amount | null }>(
    `select min(history.price) as lowest from price_history as history
     join watched_products as product on product.id = history.product_id
     where product.asin = $1 and product.domain = $2 and history.time_flag is distinct from 'implausible'`,
    [asin, market],
  )
  return rows[0]?.lowest ?? null
}
