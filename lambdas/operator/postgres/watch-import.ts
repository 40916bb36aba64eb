import { array, integer, maxLength, minLength, number, object, optional, pipe, string } from 'valibot'
import { KeeperError, messageOf } from '../../core/errors.ts'
import { operation } from '../operation.ts'
import { readTarget } from './amounts.ts'
import { changingWatches } from './changing-watches.ts'
import { product } from './inputs.ts'
import { type Person, personOf, type Queries } from './people.ts'
import { namedProduct } from './products.ts'
import { saveWatches, type WantedWatch, type WatchStatus } from './watch-rows.ts'

/** Lambda's request takes 6 MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_ROWS = 10_000

/** Errors that an answer lists, at most. */
const MOST_ERRORS = 20

const STATUSES: readonly string[] = ['ACTIVE', 'PAUSED', 'INACTIVE'] satisfies WatchStatus[]

const row = object({
  /** The line of the file, for errors. */
  line: pipe(number(), integer()),
  product,
  domain: optional(string(), ''),
  target: optional(string(), ''),
  user: optional(string(), ''),
  status: optional(string(), ''),
})

interface Wanted {
  readonly line: number
  readonly person: Person
  readonly watch: WantedWatch
}

export const importWatches = operation({
  access: 'change',
  does: 'Makes watches of the rows of a file: all of them, or none.',
  input: object({
    rows: pipe(
      array(row),
      minLength(1, 'the file has no rows'),
      maxLength(MOST_ROWS, `at most ${MOST_ROWS} rows at a time`),
    ),
    /** Whose the rows are that name no user. */
    user: optional(string()),
  }),
  run: async ({ rows, user }, { pool }) => {
    const total = await changingWatches(pool(), async (client) => {
      const people = new Map<string, Promise<Person>>()
      const personNamed = (name: string) => {
        const known = people.get(name) ?? personOf(client, name || undefined)
        people.set(name, known)
        return known
      }
      const wanted: Wanted[] = []
      const errors: string[] = []
      for (const each of rows) {
        try {
          const person = await personNamed(each.user.trim() || user?.trim() || '')
          wanted.push({ line: each.line, person, watch: await watchIn(client, each) })
        } catch (error) {
          if (!(error instanceof KeeperError)) throw error
          errors.push(`line ${each.line}: ${messageOf(error)}`)
        }
      }
      errors.push(...repetitions(wanted))
      if (errors.length > 0) throw refusal(errors)
      return save(client, wanted)
    })
    return { rows: rows.length, ...total, unchanged: rows.length - total.created - total.changed }
  },
})

async function watchIn(
  queries: Queries,
  given: {
    readonly product: string
    readonly domain: string
    readonly target: string
    readonly status: string
  },
): Promise<WantedWatch> {
  const domain = given.domain.trim().toLowerCase() || undefined
  const status = given.status.trim().toUpperCase() || 'ACTIVE'
  if (!isStatus(status)) {
    throw new KeeperError('bad_status', `"${given.status.trim()}" is not a status: ${STATUSES.join(', ')}.`)
  }
  const named = await namedProduct(queries, given.product, domain)
  return { ...named, target: readTarget(given.target), keepsTarget: false, status }
}

const isStatus = (text: string): text is WatchStatus => STATUSES.includes(text)

/** Two lines for one watch would leave it to chance which of them counts. */
function repetitions(wanted: readonly Wanted[]): string[] {
  const lines = new Map<string, number>()
  const errors: string[] = []
  for (const { line, person, watch } of wanted) {
    const key = `${person.id} ${watch.domain} ${watch.asin}`
    const before = lines.get(key)
    if (before === undefined) lines.set(key, line)
    else errors.push(`line ${line}: ${watch.asin} of ${watch.domain} is in line ${before} already.`)
  }
  return errors
}

async function save(client: Parameters<typeof saveWatches>[0], wanted: readonly Wanted[]) {
  let created = 0
  let changed = 0
  for (const [, rows] of Map.groupBy(wanted, ({ person }) => person.id)) {
    const [first] = rows
    if (!first) continue
    const saved = await saveWatches(
      client,
      first.person,
      rows.map(({ watch }) => watch),
    )
    created += saved.created
    changed += saved.changed
  }
  return { created, changed }
}

function refusal(errors: readonly string[]): KeeperError {
  const more = errors.length > MOST_ERRORS ? `\nand ${errors.length - MOST_ERRORS} more` : ''
  return new KeeperError(
    'import_refused',
    `Nothing was imported.\n${errors.slice(0, MOST_ERRORS).join('\n')}${more}`,
  )
}
